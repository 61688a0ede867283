#include <quip/convert/type_info.hpp>

#include <algorithm>
#include <utility>

namespace quip {

namespace {

/// A text as a string literal of JavaScript.
std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      made += '\\';
      made += c;
    } else if (byte < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      made += "\\x";
      made += digits[byte >> 4U];
      made += digits[byte & 15U];
    } else {
      made += c;
    }
  }
  return made + '"';
}

/// Whether a property's name needs no quotes. What is past ASCII may be no letter.
bool is_identifier(std::string_view name) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
}
std::string property(std::string_view name) {
  return is_identifier(name) ? std::string(name) : quoted(name);
}

class Printer {
 public:
  /// `expand`: what the outermost type's name stands for in place of the name.
  std::string print(const TypeInfo& type, bool expand = false) {
    return joined(pieces_of(type, expand));
  }
  std::string print(const SignatureInfo& signature, std::string_view arrow) {
    std::string text = "(";
    // what a required parameter follows must be given
    std::size_t required = 0;
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
      const ParameterInfo& parameter = signature.parameters[i];
      required = parameter.optional || parameter.rest ? required : i + 1;
    }
    for (std::size_t i = 0; i < signature.parameters.size(); ++i) {
      const ParameterInfo& parameter = signature.parameters[i];
      const bool omittable = parameter.optional && i >= required;
      text += i == 0 ? "" : ", ";
      text += parameter.rest ? "..." : "";
      text += parameter.name.empty() ? "arg" + std::to_string(i + 1) : parameter.name;
      text += omittable && parameter.default_value.empty() ? "?: " : ": ";
      if (parameter.rest) {
        text += element(parameter.type) + "[]";
      } else if (parameter.optional && !omittable) {
        Pieces pieces = pieces_of(parameter.type);
        add(pieces, Piece{"undefined"});
        text += joined(pieces);
      } else {
        text += print(parameter.type);
      }
      if (!parameter.default_value.empty()) {
        text += " = " + parameter.default_value;
      }
    }
    return text + ')' + std::string(arrow) + print(signature.returns);
  }

 private:
  /// One of the types that a union is of.
  struct Piece {
    std::string text;
    bool is_function = false;  ///< in a union and in an array it needs parentheses
    bool is_product = false;   ///< in an array it does
  };
  using Pieces = std::vector<Piece>;

  static void add(Pieces& to, Piece piece) {
    const bool known = std::any_of(to.begin(), to.end(),
                                   [&](const Piece& other) { return other.text == piece.text; });
    if (!known) {
      to.push_back(std::move(piece));
    }
  }
  static void add_all(Pieces& to, Pieces pieces) {
    for (Piece& piece : pieces) {
      add(to, std::move(piece));
    }
  }
  static std::string joined(const Pieces& pieces) {
    std::string text;
    for (const Piece& piece : pieces) {
      text += text.empty() ? "" : " | ";
      text += piece.is_function && pieces.size() > 1 ? '(' + piece.text + ')' : piece.text;
    }
    return text.empty() ? "never" : text;
  }
  /// The type as it stands before brackets.
  std::string element(TypeOf type) {
    const Pieces pieces = pieces_of(type);
    const std::string text = joined(pieces);
    return pieces.size() > 1 ||
                   (pieces.size() == 1 && (pieces[0].is_function || pieces[0].is_product))
               ? '(' + text + ')'
               : text;
  }
  std::string print(TypeOf type) { return joined(pieces_of(type)); }
  Pieces pieces_of(TypeOf type) {
    return type == nullptr ? Pieces{{"any"}} : pieces_of(type(), false);
  }

  Pieces pieces_of(const TypeInfo& type, bool expand) {
    // a user's description may contain itself and have no name to stop at
    if (std::find(open_.begin(), open_.end(), &type) != open_.end()) {
      return {{name_of(type)}};
    }
    open_.push_back(&type);
    Pieces pieces = parts_of(type, expand);
    open_.pop_back();
    return pieces;
  }

  Pieces parts_of(const TypeInfo& type, bool expand) {
    const bool has_name = !type.name.empty() && !expand;
    switch (type.kind) {
      case TypeKind::array:
        return {{(type.of.empty() ? "any" : element(type.of[0])) + "[]"}};
      case TypeKind::tuple:
        return {{has_name ? std::string(type.name) : tuple(type)}};
      case TypeKind::record:
        return {{has_name ? std::string(type.name) : record(type)}};
      case TypeKind::enumeration:
        return values(type);
      case TypeKind::optional: {
        Pieces pieces = arguments(type);
        add(pieces, Piece{"undefined"});
        return pieces;
      }
      case TypeKind::union_:
        if (has_name) {
          return {{std::string(type.name)}};
        }
        return type.tagging == Tagging::none ? arguments(type) : alternatives(type);
      case TypeKind::function:
        return {function(type)};
      case TypeKind::object:
      case TypeKind::map:
      case TypeKind::set:
      case TypeKind::dictionary:
      case TypeKind::promise:
      case TypeKind::iterable:
      case TypeKind::async_iterable:
        return {{generic(type)}};
      default:
        return {{name_of(type)}};
    }
  }

  static std::string name_of(const TypeInfo& type) {
    return std::string(!type.name.empty()       ? type.name
                       : !type.cpp_name.empty() ? type.cpp_name
                                                : "any");
  }
  /// The types in `of`, as those of a union.
  Pieces arguments(const TypeInfo& type) {
    Pieces pieces;
    for (const TypeOf& each : type.of) {
      add_all(pieces, pieces_of(each));
    }
    return pieces;
  }
  std::string generic(const TypeInfo& type) {
    std::string text = name_of(type);
    for (std::size_t i = 0; i < type.of.size(); ++i) {
      text += i == 0 ? "<" : ", ";
      text += print(type.of[i]);
    }
    return type.of.empty() ? text : text + '>';
  }
  std::string tuple(const TypeInfo& type) {
    std::string text = "[";
    for (std::size_t i = 0; i < type.of.size(); ++i) {
      text += i == 0 ? "" : ", ";
      if (i < type.members.size()) {
        text += member(type.members[i]);
      } else {
        text += print(type.of[i]);
      }
    }
    return text + ']';
  }
  std::string member(const MemberInfo& member) {
    return property(member.name) + (member.optional || member.omitted ? "?: " : ": ") +
           print(member.type);
  }
  std::string record(const TypeInfo& type) {
    std::string text = "{";
    for (const MemberInfo& each : type.members) {
      text += (text.size() == 1 ? " " : "; ") + member(each);
    }
    if (type.rest != nullptr) {
      text += (text.size() == 1 ? " " : "; ") + ("[key: string]: " + print(type.rest));
    }
    return text + (text.size() == 1 ? "}" : " }");
  }
  static Pieces values(const TypeInfo& type) {
    Pieces pieces;
    for (const EnumeratorInfo& each : type.values) {
      add(pieces, Piece{type.by_number ? std::to_string(each.value) : quoted(each.name)});
    }
    return pieces.empty() ? Pieces{{name_of(type)}} : pieces;
  }
  Pieces alternatives(const TypeInfo& type) {
    Pieces pieces;
    for (const AlternativeInfo& each : type.alternatives) {
      const std::string content = each.type == nullptr ? "" : print(each.type);
      const bool is_internal = type.tagging == Tagging::internal && each.type != nullptr;
      std::string text;
      if (type.tagging != Tagging::external) {
        text = "{ " + property(type.tag) + ": " + quoted(each.name);
        if (type.tagging == Tagging::adjacent && each.type != nullptr) {
          text.append("; ").append(property(type.content)).append(": ").append(content);
        }
        text += is_internal ? " } & " + content : " }";
      } else if (each.type == nullptr) {
        text = quoted(each.name);
      } else {
        text = "{ " + property(each.name) + ": " + content + " }";
      }
      add(pieces, Piece{std::move(text), false, is_internal});
    }
    return pieces;
  }
  Piece function(const TypeInfo& type) {
    if (type.signatures.empty()) {
      return {name_of(type)};
    }
    if (type.signatures.size() == 1) {
      return {print(type.signatures[0], " => "), true};
    }
    std::string text = "{";
    for (const SignatureInfo& each : type.signatures) {
      text += (text.size() == 1 ? " " : "; ") + print(each, ": ");
    }
    return {text + " }"};
  }

  std::vector<const TypeInfo*> open_;  // the types that the one at hand is in
};

}  // namespace

std::string to_string(const TypeInfo& type) { return Printer().print(type); }
std::string definition_of(const TypeInfo& type) { return Printer().print(type, true); }
std::string to_string(const SignatureInfo& signature) { return Printer().print(signature, ": "); }

namespace detail {
SignatureInfo make_signature(const SignatureSource& source) {
  SignatureInfo made{{}, source.returns};
  for (std::size_t i = 0; i < source.count; ++i) {
    const ParameterSource& parameter = source.parameters[i];
    if (parameter.add != nullptr) {
      parameter.add(made.parameters);
    } else {
      made.parameters.push_back({.type = parameter.type});
    }
  }
  return made;
}

}  // namespace detail

template const TypeInfo& type_info<void>();
template const TypeInfo& type_info<bool>();
template const TypeInfo& type_info<int>();
template const TypeInfo& type_info<unsigned>();
template const TypeInfo& type_info<double>();
template const TypeInfo& type_info<float>();
template const TypeInfo& type_info<std::string>();
template const TypeInfo& type_info<std::string_view>();
template const TypeInfo& type_info<Value>();

}  // namespace quip
