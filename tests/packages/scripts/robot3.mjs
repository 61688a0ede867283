import { createMachine, state, transition, interpret, reduce, guard, immediate } from 'robot3';
const machine = createMachine({
  idle: state(transition('go', 'busy', guard((ctx, ev) => ev.n > 0), reduce((ctx, ev) => ({ ...ctx, n: ev.n })))),
  busy: state(immediate('done', guard((ctx) => ctx.n > 5)), transition('stop', 'idle')), done: state() }, () => ({ n: 0 }));
const service = interpret(machine, (s) => console.log(s.machine.current, s.context.n));
service.send({ type: 'go', n: 0 }); service.send({ type: 'go', n: 3 }); service.send('stop'); service.send({ type: 'go', n: 9 });
console.log(service.machine.current);
