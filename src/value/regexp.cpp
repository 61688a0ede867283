#include <quip/convert/number.hpp>
#include <quip/convert/string.hpp>
#include <quip/core/intrinsic.hpp>
#include <quip/value/array.hpp>
#include <quip/value/regexp.hpp>

namespace quip {

namespace {

using Group = std::optional<std::string>;

/// A group's text; none where it is undefined.
Result<Group> read_group(Result<Value> value) {
  if (!value) return std::move(value).error();
  if (value->is_undefined()) return Group();
  Result<std::string> text = value->try_as<std::string>();
  if (!text) return std::move(text).error();
  return Group(*std::move(text));
}

}  // namespace

Result<RegExp> RegExp::try_make(const Ctx& ctx, std::string_view pattern,
                                std::string_view modifiers) {
  detail::Realm* realm = ctx.realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle source(realm, detail::new_string(realm->context, pattern));
  const detail::Handle options(realm, detail::new_string(realm->context, modifiers));
  if (engine::is_exception(source.get()) || engine::is_exception(options.get())) {
    return detail::caught(realm);
  }
  return detail::from_owned<RegExp>(
      realm,
      detail::construct_intrinsic(realm, detail::Intrinsic::regexp, source.get(), options.get()));
}

Result<std::string> RegExp::try_source() const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  return detail::from_owned<std::string>(
      realm, detail::call_intrinsic(realm, detail::Intrinsic::regexp_source, keep.get()));
}

Result<std::string> RegExp::try_flags() const {
  using detail::Intrinsic;
  constexpr std::pair<Intrinsic, char> letters[] = {
      {Intrinsic::regexp_has_indices, 'd'},  {Intrinsic::regexp_global, 'g'},
      {Intrinsic::regexp_ignore_case, 'i'},  {Intrinsic::regexp_multiline, 'm'},
      {Intrinsic::regexp_dot_all, 's'},      {Intrinsic::regexp_unicode, 'u'},
      {Intrinsic::regexp_unicode_sets, 'v'}, {Intrinsic::regexp_sticky, 'y'},
  };
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  // without it there is none of the getters; a single one may be of a later standard
  if (engine::is_exception(detail::intrinsic(realm, Intrinsic::regexp))) {
    return detail::caught(realm);
  }
  std::string text;
  for (const auto& [getter, letter] : letters) {
    if (engine::is_exception(detail::intrinsic(realm, getter))) {
      Error error = detail::caught(realm);
      if (error.is("TypeError")) continue;
      return error;
    }
    Result<bool> is_set =
        detail::from_owned<bool>(realm, detail::call_intrinsic(realm, getter, keep.get()));
    if (!is_set) return std::move(is_set).error();
    if (*is_set) text += letter;
  }
  return text;
}

Result<Value> RegExp::run(std::string_view text) const {
  detail::Realm* realm = handle().realm();
  const detail::Entry entry(realm);
  if (!entry) return detail::refusal(realm);
  const detail::Handle keep(handle());
  const detail::Handle subject(realm, detail::new_string(realm->context, text));
  if (engine::is_exception(subject.get())) return detail::caught(realm);
  return detail::from_owned<Value>(
      realm,
      detail::call_intrinsic(realm, detail::Intrinsic::regexp_exec, keep.get(), subject.get()));
}

Result<bool> RegExp::try_test(std::string_view text) const {
  return run(text).transform([](const Value& result) { return !result.is_null(); });
}

Result<std::optional<RegExp::Match>> RegExp::try_exec(std::string_view text) const {
  Result<Value> found = run(text);
  if (!found) return std::move(found).error();
  if (found->is_null()) return std::optional<Match>();
  Result<Array> result = found->try_as<Array>();
  if (!result) return std::move(result).error();
  Match match;
  Result<std::size_t> index = result->try_get<std::size_t>(key<"index">);
  if (!index) return std::move(index).error();
  match.index = *index;
  Result<std::uint32_t> count = result->try_size();
  if (!count) return std::move(count).error();
  for (std::uint32_t i = 0; i < *count; ++i) {
    Result<Group> group = read_group(result->try_get(i));
    if (!group) return std::move(group).error();
    if (i > 0) {
      match.groups.push_back(*std::move(group));
    } else if (group->has_value()) {
      // NOLINTNEXTLINE(bugprone-unchecked-optional-access): asked above
      match.text = **std::move(group);
    }
  }
  Result<Value> named = result->try_get(key<"groups">);
  if (!named) return std::move(named).error();
  if (!named->is_object()) return std::optional<Match>(std::move(match));
  const auto names = named->as<Object>();
  Result<std::vector<Atom>> keys = names.try_keys();
  if (!keys) return std::move(keys).error();
  for (const Atom& key : *keys) {
    Result<Group> group = read_group(names.try_get(key));
    if (!group) return std::move(group).error();
    match.named.insert_or_assign(key.to_string(), *std::move(group));
  }
  return std::optional<Match>(std::move(match));
}

Result<std::size_t> RegExp::try_last_index() const {
  return try_get<std::size_t>(key<"lastIndex">);
}

Result<void> RegExp::try_set_last_index(std::size_t index) const {
  return try_set(key<"lastIndex">, index);
}

}  // namespace quip
