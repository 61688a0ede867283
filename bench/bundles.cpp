// Starting a program of many modules: from a bundle, and from the modules' texts.
#include "rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace bench {

namespace {

constexpr int module_count = 50;
constexpr std::size_t module_size = std::size_t{20} << 10U;  // 1 MB in all

std::string name_of(int number) { return "module" + std::to_string(number) + ".mjs"; }

/// A module as people write them: classes, functions, literals, a comment here and there. It
/// imports the two behind it.
std::string module_text(int number) {
  std::string text;
  for (int next = number + 1; next <= number + 2 && next < module_count; ++next) {
    text +=
        "import { total as total" + std::to_string(next) + " } from './" + name_of(next) + "';\n";
  }
  text += "let count = 0;\n";
  for (int part = 0; text.size() < module_size; ++part) {
    const std::string id = std::to_string(part);
    text +=
        "// Keeps the entries of section " + id +
        " in the order in which they came.\n"
        "class Section" +
        id +
        " {\n"
        "  #entries = new Map();\n"
        "  constructor(title = 'section " +
        id +
        "') { this.title = title; }\n"
        "  add(key, { value, weight = 1.5, tags = [] }) {\n"
        "    if (this.#entries.has(key)) throw new RangeError(`${key} is there already`);\n"
        "    this.#entries.set(key, { value, weight, tags: [...tags, 'section'] });\n"
        "    return this;\n"
        "  }\n"
        "  get weight() {\n"
        "    let sum = 0;\n"
        "    for (const [key, { weight }] of this.#entries) sum += key === 'none' ? 0 : weight;\n"
        "    return sum;\n"
        "  }\n"
        "}\n"
        "export function describe" +
        id +
        "(entry, options) {\n"
        "  const section = new Section" +
        id +
        "(options?.title ?? 'untitled');\n"
        "  for (let i = 0; i < 10; i++) section.add(`key ${i}`, { value: entry, weight: i });\n"
        "  return { name: section.title.toUpperCase(), weight: section.weight, ok: true };\n"
        "}\n"
        "count += describe" +
        id + ".length;\n";
  }
  text += "export const total = count";
  for (int next = number + 1; next <= number + 2 && next < module_count; ++next) {
    text += " + total" + std::to_string(next) + " % 7";
  }
  return text + ";\n";
}

quip::ModuleGraph make_graph() {
  quip::ModuleGraph graph([](std::string_view, std::string_view specifier) {
    return std::string(specifier.substr(specifier.starts_with("./") ? 2 : 0));
  });
  graph.add_entry(name_of(0));
  for (int i = 0; i < module_count; ++i) graph.provide(name_of(i), module_text(i));
  return graph;
}

/// A new runtime and context; the modules are loaded, linked and run.
Run start(quip::Resolver resolver, quip::Loader loader) {
  return [resolver = std::move(resolver), loader = std::move(loader)](std::int64_t n) {
    for (std::int64_t i = 0; i < n; ++i) {
      quip::Runtime runtime;
      runtime.set_loader(resolver, loader);
      const quip::Context context(runtime);
      const quip::Promise done =
          context.with([](const quip::Ctx& ctx) { return ctx.import(name_of(0)); });
      runtime.run();
      keep(done.result());
    }
  };
}

}  // namespace

void add_bundle_rows(Rows& rows, const Sides&) {
  const quip::ModuleGraph graph = make_graph();
  const auto bytes = std::make_shared<const std::vector<std::byte>>(quip::compile_bundle(graph));
  const auto read = [bytes] { return quip::Bundle::try_read(*bytes, bytes).value(); };
  Row row{"startup_bundle_1_mb", 0.33, 1, {}};
  // checked anew each time, as a program that starts does
  row.variants.push_back({"bundle", [read](std::int64_t n) {
                            for (std::int64_t i = 0; i < n; ++i) {
                              const quip::Bundle bundle = read();
                              start(bundle, bundle)(1);
                            }
                          }});
  row.variants.push_back({"source", start(graph, graph)});
  rows.push_back(std::move(row));
}

}  // namespace bench
