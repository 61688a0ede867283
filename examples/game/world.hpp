// A small world of moving things. It knows nothing of scripts.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

class World;

struct Vec2 {
  double x = 0;
  double y = 0;
  Vec2() = default;
  Vec2(double px, double py) : x(px), y(py) {}
  [[nodiscard]] double length() const { return std::hypot(x, y); }
  [[nodiscard]] Vec2 to(const Vec2& other) const { return {other.x - x, other.y - y}; }
  void add(const Vec2& by, double times) {
    x += by.x * times;
    y += by.y * times;
  }
};

// Whatever is in the world. Kinds of entities override what they do.
class Entity {
 public:
  explicit Entity(std::string name) : name_(std::move(name)) { ++alive; }
  Entity(const Entity&) = delete;
  Entity& operator=(const Entity&) = delete;
  virtual ~Entity() { --alive; }

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_dead() const { return health <= 0; }
  void hit(int damage) { health -= damage; }

  /// Called once in each step of the world.
  virtual void update(World&, double dt) { position.add(velocity, dt); }
  /// What it is worth to who destroys it.
  [[nodiscard]] virtual int worth() const { return 1; }

  Vec2 position;
  Vec2 velocity;
  int health = 10;

  inline static int alive = 0;

 private:
  std::string name_;
};

// A rock flies straight on, and is hard to destroy.
class Rock : public Entity {
 public:
  explicit Rock(double size) : Entity("rock"), size_(size) { health = static_cast<int>(10 * size); }
  [[nodiscard]] int worth() const override { return static_cast<int>(5 * size_); }
  [[nodiscard]] double size() const { return size_; }

 private:
  double size_;
};

class World {
 public:
  void spawn(std::shared_ptr<Entity> entity) { entities_.push_back(std::move(entity)); }
  /// Updates everything, then removes the dead and counts what they were worth.
  void step(double dt) {
    const auto present = entities_;  // what is spawned meanwhile has its turn in the next step
    for (const auto& entity : present) {
      if (!entity->is_dead()) entity->update(*this, dt);
    }
    std::erase_if(entities_, [this](const auto& entity) {
      if (entity->is_dead()) score_ += entity->worth();
      return entity->is_dead();
    });
    ++steps_;
  }
  /// The nearest other entity; null when there is none.
  [[nodiscard]] std::shared_ptr<Entity> nearest(const Entity& to) const {
    std::shared_ptr<Entity> found;
    for (const auto& entity : entities_) {
      if (entity.get() == &to || entity->is_dead()) continue;
      if (found == nullptr ||
          to.position.to(entity->position).length() < to.position.to(found->position).length()) {
        found = entity;
      }
    }
    return found;
  }
  [[nodiscard]] const std::vector<std::shared_ptr<Entity>>& entities() const { return entities_; }
  [[nodiscard]] std::size_t size() const { return entities_.size(); }
  [[nodiscard]] int score() const { return score_; }
  [[nodiscard]] int steps() const { return steps_; }
  void clear() { entities_.clear(); }

 private:
  std::vector<std::shared_ptr<Entity>> entities_;
  int score_ = 0;
  int steps_ = 0;
};
