// The world as scripts see it: what each class has in JavaScript.
#pragma once

#include "world.hpp"
#include <quip/quip.hpp>

// The entities that a script's subclass makes: its methods are the virtual functions.
class ScriptEntity : public quip::Scripted<Entity> {
 public:
  using Scripted::Scripted;
  void update(World& world, double dt) override {
    call_or<&Entity::update>([&] { Entity::update(world, dt); }, &world, dt);
  }
  [[nodiscard]] int worth() const override {
    return call_or<&Entity::worth>([&] { return Entity::worth(); });
  }
};

inline void define(quip::ClassDef<Vec2>& def) {
  def.constructor<double, double>().field<&Vec2::x>().field<&Vec2::y>();
  def.method<&Vec2::length>().method<&Vec2::to>().method<&Vec2::add>();
}

inline void define(quip::ClassDef<Entity>& def) {
  def.doc("Whatever is in the world; extend it and override update and worth.")
      .overridable<ScriptEntity>()
      .constructor<std::string>()
      .property<&Entity::name>("name")
      .field<&Entity::position>()
      .field<&Entity::velocity>()
      .field<&Entity::health>()
      .property<&Entity::is_dead>("isDead")
      .method<&Entity::hit>()
      .method<&Entity::update>()
      .method<&Entity::worth>();
}

inline void define(quip::ClassDef<Rock>& def) {
  def.extends<Entity>().held_by<std::shared_ptr<Rock>>().constructor<double>();
  def.property<&Rock::size>("size");
}

inline void define(quip::ClassDef<World>& def) {
  def.method<&World::spawn>().method<&World::nearest>();
  def.property<&World::size>("size").property<&World::score>("score");
  def.iterable([](const World& world) { return world.entities(); });
}
