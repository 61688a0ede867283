// Precompiled for all tests: half of a small test's compile time would go into these.
#pragma once

#include <quip/quip.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
