import { assign, createActor, createMachine, setup, getNextSnapshot } from 'xstate';
const toggle = createMachine({ id: 'toggle', initial: 'off', context: { count: 0 }, states: {
  off: { on: { FLIP: { target: 'on', actions: assign({ count: ({ context }) => context.count + 1 }) } } },
  on: { on: { FLIP: 'off' }, initial: 'dim', states: { dim: { on: { UP: 'bright' } }, bright: {} } } } });
const actor = createActor(toggle);
actor.subscribe((s) => console.log(JSON.stringify(s.value), s.context.count));
actor.start();
for (const type of ['FLIP', 'UP', 'FLIP', 'FLIP', 'NONE']) actor.send({ type });
console.log(JSON.stringify(actor.getPersistedSnapshot().value));
const light = setup({ guards: { late: ({ context }, params) => context.n >= params.least }, actions: { count: assign({ n: ({ context }) => context.n + 1 }) } }).createMachine({
  context: { n: 0 }, type: 'parallel', states: {
    car: { initial: 'green', states: { green: { after: { 5: { target: 'red', actions: 'count' } } }, red: { after: { 5: 'done' } }, done: { type: 'final' } } },
    walk: { initial: 'no', states: { no: { always: { target: 'yes', guard: { type: 'late', params: { least: 1 } } } }, yes: { type: 'final' } } } } });
const run = createActor(light); run.start();
await new Promise((resolve) => run.subscribe({ complete: resolve }));
console.log(JSON.stringify(run.getSnapshot().value), run.getSnapshot().context.n, run.getSnapshot().status);
console.log(getNextSnapshot(toggle, toggle.resolveState({ value: 'off', context: { count: 4 } }), { type: 'FLIP' }).context);
