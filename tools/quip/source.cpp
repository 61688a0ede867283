#include "source.hpp"

#include <cctype>
#include <cstddef>

namespace quip::program {

namespace {

/// A word, a string literal with its quotes, or one other character.
struct Token {
  std::string_view text;
  int line;
  int column;
};

bool is_word(char c) noexcept {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Splits a source text into tokens without comments. It does not know regular expressions from
/// divisions: a quote in one may hide the rest of its line.
class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  /// The next token; an empty one at the end.
  Token next() {
    skip_blanks();
    const std::size_t start = at_;
    const int line = line_;
    const int column = column_;
    if (at_ < source_.size()) {
      const char first = source_[at_];
      if (first == '\'' || first == '"' || first == '`') {
        skip_string(first);
      } else {
        advance(1);
        while (is_word(first) && at_ < source_.size() && is_word(source_[at_])) advance(1);
      }
    }
    return {source_.substr(start, at_ - start), line, column};
  }

 private:
  void advance(std::size_t count) {
    for (; count > 0 && at_ < source_.size(); --count, ++at_) {
      if (source_[at_] == '\n') {
        ++line_;
        column_ = 1;
      } else if ((static_cast<unsigned char>(source_[at_]) & 0xC0U) != 0x80U) {
        ++column_;
      }
    }
  }

  void skip_to(std::string_view end) {
    const std::size_t stop = source_.find(end, at_);
    advance(stop == source_.npos ? source_.size() - at_ : stop + end.size() - at_);
  }

  void skip_blanks() {
    while (at_ < source_.size()) {
      const std::string_view rest = source_.substr(at_);
      if (rest.starts_with("//")) {
        skip_to("\n");
      } else if (rest.starts_with("/*")) {
        advance(2);
        skip_to("*/");
      } else if (std::isspace(static_cast<unsigned char>(rest.front())) != 0) {
        advance(1);
      } else {
        return;
      }
    }
  }

  void skip_string(char quote) {
    advance(1);
    while (at_ < source_.size() && source_[at_] != quote) {
      if (source_[at_] == '\n' && quote != '`') return;
      advance(source_[at_] == '\\' ? 2 : 1);
    }
    advance(1);
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
};

}  // namespace

std::optional<Place> find_import(const std::string& file, std::string_view source,
                                 std::string_view specifier) {
  Lexer lexer(source);
  std::string_view before_last;
  std::string_view last;
  for (Token token = lexer.next(); !token.text.empty(); token = lexer.next()) {
    const bool is_import =
        last == "from" || last == "import" || (last == "(" && before_last == "import");
    if (is_import && token.text.size() == specifier.size() + 2 &&
        token.text.substr(1, specifier.size()) == specifier) {
      return Place{file, token.line, token.column};
    }
    before_last = last;
    last = token.text;
  }
  return std::nullopt;
}

std::vector<Place> throw_statements(const std::string& file, std::string_view source) {
  std::vector<Place> places;
  Lexer lexer(source);
  std::string_view last;
  Token token = lexer.next();
  while (!token.text.empty()) {
    const Token current = token;
    token = lexer.next();
    const bool is_name = last == "." || last == "#" || token.text == ":" || token.text == "=";
    last = current.text;
    if (current.text != "throw" || is_name) continue;
    if (token.text == "new") {
      last = token.text;
      token = lexer.next();
      if (token.text.ends_with("Error")) continue;
    }
    places.push_back({file, current.line, current.column});
  }
  return places;
}

}  // namespace quip::program
