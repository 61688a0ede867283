// Makes one GoogleTest program of the C++ blocks in the documentation:
//
//     extract ROOT OUTPUT.cpp FILE...
//
// Each ```cpp block of a Markdown FILE (its path is relative to ROOT) becomes a test:
//
// - A block with `int main` is a complete program; it must end with main.
// - Any other block is the body of a function that is given `quip::Runtime& runtime`,
//   `quip::Context& context` and `quip::Ctx ctx`, new ones for each block.
//
// A comment right before a block says more, and is not shown to readers:
//
//     <!-- snippet: setup          lines up to the --> are compiled in front of the block
//     <!-- snippet: file scope --> the block stands outside of functions (specialisations, say)
//     <!-- snippet: from PATH -->  the block, in any language, is an excerpt of that file; it is
//                                  compared with the file, and not compiled here
//     <!-- output -->              the ```text block is what the block before it prints
#include <algorithm>
#include <cctype>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

struct Block {
  std::string name;  // of the test
  std::string file;
  int line = 0;
  std::string setup;
  std::string code;
  std::string output;
  bool checks_output = false;
  bool at_file_scope = false;
};

std::string trimmed(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t");
  return start == std::string::npos ? ""
                                    : text.substr(start, text.find_last_not_of(" \t") + 1 - start);
}

// The lines without their indentation, which an excerpt may lack.
std::string unindented(std::istream& text) {
  std::string result = "\n";
  for (std::string line; std::getline(text, line);) result += trimmed(line) + '\n';
  return result;
}

void check_excerpt(const std::string& root, const std::string& path, const Block& block) {
  std::ifstream file(root + '/' + path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::istringstream code(block.code);
  if (unindented(file).find(unindented(code)) == std::string::npos) {
    throw std::runtime_error("not an excerpt of " + path + ":\n" + block.code);
  }
}

std::string test_name(const std::string& file, int line) {
  std::string name = file + "_line_" + std::to_string(line);
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return name;
}

void read_page(const std::string& root, const std::string& file, std::vector<Block>& blocks) {
  std::ifstream page(root + '/' + file);
  if (!page) throw std::runtime_error("cannot read it");
  Block block;
  std::string excerpt_of;
  bool is_output = false;
  int number = 0;
  std::string line;
  const auto next = [&] { return ++number, static_cast<bool>(std::getline(page, line)); };
  while (next()) {
    if (line == "<!-- snippet: setup") {
      while (next() && line != "-->") block.setup += line + '\n';
    } else if (line == "<!-- snippet: file scope -->") {
      block.at_file_scope = true;
    } else if (line.starts_with("<!-- snippet: from ")) {
      excerpt_of = line.substr(19, line.rfind(" -->") - 19);
    } else if (line == "<!-- output -->") {
      is_output = true;
    } else if (line.starts_with("<!-- snippet")) {
      throw std::runtime_error("unknown marker " + line);
    } else if (line.starts_with("```")) {
      const std::string language = line.substr(3);
      block.name = test_name(file, number);
      block.file = file;
      block.line = number + 1;
      while (next() && line != "```") block.code += line + '\n';
      if (!excerpt_of.empty()) {
        check_excerpt(root, excerpt_of, block);
      } else if (is_output) {
        if (blocks.empty() || blocks.back().file != file)
          throw std::runtime_error("output of what?");
        blocks.back().output = block.code;
        blocks.back().checks_output = true;
      } else if (language == "cpp") {
        blocks.push_back(block);
      }
      block = {};
      excerpt_of.clear();
      is_output = false;
    }
  }
}

// The code, its includes taken out and kept; a main gets another name and its implicit result.
std::string prepared(const Block& block, std::set<std::string>& includes) {
  std::istringstream lines(block.code);
  std::string code;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("#include")) includes.insert(std::exchange(line, {}));
    code += line + '\n';
  }
  if (const std::size_t main = code.find("int main("); main != std::string::npos) {
    code.insert(code.rfind('}'), "return 0; ");
    code.replace(main, 9, "int example_main(");
  }
  return code;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<Block> blocks;
  for (int i = 3; i < argc; ++i) {
    try {
      read_page(argv[1], argv[i], blocks);
    } catch (const std::exception& error) {
      std::cerr << argv[i] << ": " << error.what() << '\n';
      return 1;
    }
  }
  std::set<std::string> includes;
  std::ostringstream code;
  for (const Block& block : blocks) {
    const std::string text = prepared(block, includes);
    const std::string place = "#line " + std::to_string(block.line) + " \"" + block.file + "\"\n";
    const std::string ending = block.checks_output ? ", R\"~~(" + block.output + ")~~\"" : "";
    if (block.at_file_scope) {
      code << place << text << '\n';
    } else if (text.find("int example_main(") != std::string::npos) {
      code << "namespace {\nnamespace " << block.name << " {\n"
           << place << text << "}\n}\nTEST(Docs, " << block.name << ") { run([] { EXPECT_EQ("
           << block.name << "::example_main(), 0); }" << ending << "); }\n";
    } else {
      // braces of its own: a snippet may make a runtime itself
      code << "TEST(Docs, " << block.name
           << ") { run([](Given given) {\nauto& [runtime, context, ctx] = given;\n{\n"
           << block.setup << place << text << "}}" << ending << "); }\n";
    }
  }
  std::ofstream output(argv[2]);
  for (const std::string& include : includes) output << include << '\n';
  output << "#include \"snippets.hpp\"\n\n" << code.str();
  return output.flush() ? 0 : 1;
}
