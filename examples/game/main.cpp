// A game whose entities are written in JavaScript: game.js extends the C++ class Entity and
// overrides its virtual functions; the world, in C++, calls them like any others.
#include "bindings.hpp"

#include <cstdio>
#include <exception>

namespace {

// Plays until nothing is left that a script steers.
void play(World& world, const quip::Object& globals) {
  globals["populate"].call<void>(2);
  while (world.size() > 1 && world.steps() < 100) world.step(0.1);
  std::printf("after %d steps: %zu left, score %d\n", world.steps(), world.size(), world.score());
  for (const auto& entity : world.entities()) {
    std::printf("  %s at (%.1f, %.1f)\n", entity->name().c_str(), entity->position.x,
                entity->position.y);
  }
  world.clear();
}

// Entities that hold each other come and go, and the memory is as it was.
bool comes_back(quip::Runtime& runtime, const quip::Object& globals) {
  globals["churn"].call<void>(100);  // what is made once is there from here on
  runtime.run_gc();
  const int alive = Entity::alive;
  const auto before = runtime.memory_usage().malloc_size;
  globals["churn"].call<void>(10000);
  runtime.run_gc();
  const auto after = runtime.memory_usage().malloc_size;
  std::printf("10000 in cycles: %d more alive, memory %s\n", Entity::alive - alive,
              after <= before + before / 100 ? "as before" : "grew");
  return Entity::alive == alive && after <= before + before / 100;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: game FOLDER-OF-THE-SCRIPTS\n");
    return 2;
  }
  bool fine = false;
  {
    quip::Runtime runtime;
    quip::Context context(runtime);
    World world;
    const quip::Loan lent(world);  // scripts use it as long as this lives
    context.with([&](quip::Ctx ctx) {
      const quip::Object globals = ctx.globals();
      globals.set("Vec2", quip::Instance<Vec2>::constructor(ctx));
      globals.set("Entity", quip::Instance<Entity>::constructor(ctx));
      globals.set("Rock", quip::Instance<Rock>::constructor(ctx));
      globals.set("world", lent);
      globals.set("print", [](const std::string& line) { std::printf("%s\n", line.c_str()); });
      ctx.eval_file(std::string(argv[1]) + "/game.js");
      play(world, globals);
      fine = comes_back(runtime, globals);
    });
  }
  std::printf("at the end: %d alive\n", Entity::alive);
  return fine && Entity::alive == 0 ? 0 : 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
