import './process-env.js';
import { produce, produceWithPatches, applyPatches, enablePatches, enableMapSet, original, isDraft, current } from 'immer';
enablePatches(); enableMapSet();
const base = { todos: [{ text: 'a', done: false }, { text: 'b', done: true }], map: new Map([['k', { n: 1 }]]), set: new Set([1]) };
const next = produce(base, (draft) => {
  draft.todos[0].done = true; draft.todos.push({ text: 'c', done: false });
  draft.map.get('k').n++; draft.set.add(2);
  console.log(isDraft(draft.todos), original(draft.todos[0]).done, current(draft).todos.length);
});
console.log(next, base, next.todos[1] === base.todos[1], Object.isFrozen(next.todos));
const [result, patches, inverse] = produceWithPatches({ list: [1, 2, 3], o: { x: 1 } }, (d) => { d.list.splice(1, 1); delete d.o.x; d.o.y = [4]; });
console.log(JSON.stringify(result), JSON.stringify(patches), JSON.stringify(applyPatches(result, inverse)));
try { next.todos.push(1); } catch (e) { console.log(e.name); }
