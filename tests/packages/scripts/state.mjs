import './process-env.js';
import { createStore, combineReducers, applyMiddleware, bindActionCreators } from 'redux';
import { atom, computed, map, onMount } from 'nanostores';
import mitt from 'mitt';
const log = []; const logger = () => (next) => (action) => { log.push(action.type); return next(action); };
const store = createStore(combineReducers({ n: (s = 0, a) => (a.type === 'add' ? s + a.by : s), list: (s = [], a) => (a.type === 'push' ? [...s, a.x] : s) }), applyMiddleware(logger));
store.subscribe(() => console.log(JSON.stringify(store.getState())));
bindActionCreators({ add: (by) => ({ type: 'add', by }) }, store.dispatch).add(5); store.dispatch({ type: 'push', x: 'y' }); console.log(log);
try { store.dispatch({}); } catch (e) { console.log(e.message.slice(0, 40)); }
const a = atom(1); const b = computed(a, (x) => x * 10); const stop = b.subscribe((v) => console.log('b', v)); a.set(2); stop();
const m = map({ x: 1 }); m.listen((v, old, key) => console.log(key, v)); m.setKey('x', 2);
const bus = mitt(); bus.on('*', (type, e) => console.log(type, e)); bus.emit('hello', { to: 'all' });
