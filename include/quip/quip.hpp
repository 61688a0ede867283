// Everything of quip that needs the engine alone.
#pragma once

#include <quip/async/promise.hpp>
#include <quip/convert/container.hpp>
#include <quip/convert/number.hpp>
#include <quip/convert/string.hpp>
#include <quip/core/context.hpp>
#include <quip/core/error.hpp>
#include <quip/core/result.hpp>
#include <quip/core/runtime.hpp>
#include <quip/function/function.hpp>
#include <quip/module/loader.hpp>
#include <quip/value/array.hpp>
#include <quip/value/atom.hpp>
#include <quip/value/object.hpp>
#include <quip/value/string.hpp>
#include <quip/value/symbol.hpp>
#include <quip/value/value.hpp>
