// What the entities of this game do. `world`, Entity, Rock and Vec2 are C++.
'use strict';

class Drone extends Entity {
  #fuel = 30;
  constructor(carrier) {
    super('drone');
    this.carrier = carrier;  // and the carrier holds its drones: a cycle
    carrier.drones.push(this);
    this.position = carrier.position;
  }
  update(world, dt) {
    if (--this.#fuel < 0) return this.hit(this.health);
    const prey = this.target();
    if (!prey) return this.hit(this.health);
    const way = this.position.to(prey.position);
    const far = way.length();
    if (far < 2) prey.hit(3);
    this.velocity = far > 0 ? new Vec2(4 * way.x / far, 4 * way.y / far) : new Vec2(0, 0);
    super.update(world, dt);  // the C++ function
  }
  // The nearest that is none of ours.
  target() {
    let best = null, least = Infinity;
    for (const entity of world) {
      const far = this.position.to(entity.position).length();
      if (entity instanceof Rock && !entity.isDead && far < least) [best, least] = [entity, far];
    }
    return best;
  }
  worth() { return 2; }
}

class Carrier extends Entity {
  drones = [];
  constructor(x, y) {
    super('carrier');
    this.position.x = x;  // a part of this: the C++ member itself
    this.position.y = y;
  }
  update(world) {
    this.drones = this.drones.filter((drone) => !drone.isDead);
    if (this.drones.length < 3 && world.size < 20) world.spawn(new Drone(this));
    const rocks = [...world].filter((entity) => entity instanceof Rock);
    if (rocks.length === 0) {
      print(`the carrier wins, ${this.drones.length} drones left`);
      this.drones.forEach((drone) => drone.hit(drone.health));
      this.drones = [];
    }
  }
}

globalThis.populate = (rocks) => {
  world.spawn(new Carrier(0, 0));
  for (let i = 1; i <= rocks; i++) {
    const rock = new Rock(i);
    rock.position = new Vec2(5 * i, 3);
    rock.velocity.x = -0.5;
    world.spawn(rock);
  }
};

// Entities that hold each other, by properties and by closures, and are then let go.
globalThis.churn = (count) => {
  for (let i = 0; i < count; i += 2) {
    const a = new Carrier(i, i), b = new Drone(a);
    a.partner = b;
    b.update = () => a;
    a.position.add(b.position, 1);
  }
};
