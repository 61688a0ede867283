// The helpers of the web, as Node has them.
const show = (name, run) => {
  try {
    const result = run();
    console.log(name, typeof result === 'object' && result !== null ? JSON.stringify(result) : result);
  } catch (error) {
    console.log(name, 'throws', error.name);
  }
};

show('event', () => {
  const event = new Event('x', { cancelable: true });
  return [event.type, event.bubbles, event.cancelable, event.composed, event.defaultPrevented,
    event.returnValue, event.cancelBubble, event.eventPhase, event.target, event.srcElement,
    event.currentTarget, event.isTrusted, event.composedPath()];
});
show('no type', () => new Event());
show('no options', () => new Event('x', 5));
show('phases', () => [Event.NONE, Event.CAPTURING_PHASE, Event.AT_TARGET, Event.BUBBLING_PHASE]);
show('detail', () => [new CustomEvent('x', { detail: 5 }).detail, new CustomEvent('x').detail]);
show('listeners', () => {
  const target = new EventTarget();
  const heard = [];
  target.addEventListener('a', () => heard.push(1));
  target.addEventListener('a', { handleEvent(event) { heard.push(this !== target, event.type); } },
    { once: true });
  heard.push(target.dispatchEvent(new Event('a')));
  target.dispatchEvent(new Event('a'));
  return heard;
});
show('no listener', () => new EventTarget().addEventListener('a', 5));
show('no signal', () => new EventTarget().addEventListener('a', () => {}, { signal: null }));
show('no event', () => new EventTarget().dispatchEvent({}));

show('abort', () => {
  const controller = new AbortController();
  const heard = [];
  controller.signal.onabort = (event) => heard.push(event.type, event.isTrusted);
  controller.abort();
  controller.abort();
  const { aborted, reason } = controller.signal;
  return [heard, aborted, reason.name, reason.code, reason.message, reason instanceof DOMException];
});
show('reason', () => AbortSignal.abort('why').reason);
show('any', () => {
  const controller = new AbortController();
  const signal = AbortSignal.any([controller.signal]);
  controller.abort(3);
  return signal.reason;
});
show('no signals', () => AbortSignal.any([{}]));
show('no constructor', () => new AbortSignal());
show('aborted', () => AbortSignal.abort().throwIfAborted());
show('DOMException', () => {
  const error = new DOMException('m', 'DataCloneError');
  return [String(error), error.code, error instanceof Error, Object.keys(error),
    Object.prototype.toString.call(error), DOMException.DATA_CLONE_ERR, new DOMException().name];
});

show('encode', () => [...new TextEncoder().encode('aß€😀\ud800')]);
show('encodeInto', () => {
  const array = new Uint8Array(4);
  return [new TextEncoder().encodeInto('a€😀', array), [...array]];
});
show('decode', () => new TextDecoder().decode(
  new Uint8Array([0xef, 0xbb, 0xbf, 65, 0xff, 0xf0, 0x9f, 0x98])));
show('fatal', () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])));
show('labels', () => ['latin1', ' UTF-8\n', 'utf-16'].map((label) => new TextDecoder(label).encoding));
show('no label', () => new TextDecoder('xyz'));
show('UTF-16', () => new TextDecoder('utf-16le').decode(
  new Uint8Array([0x3d, 0xd8, 0x00, 0xde, 0, 0xd8])));

show('structuredClone', () => {
  const buffer = new ArrayBuffer(4);
  const copy = structuredClone({ buffer, map: new Map([[1, 2]]) }, { transfer: [buffer] });
  return [buffer.byteLength, copy.buffer.byteLength, [...copy.map]];
});
show('no clone', () => structuredClone(() => 0));
show('performance', () => [typeof performance.now(), performance.timeOrigin > 1e12]);

console.table([{ a: 1, b: 'x' }, { b: 2, c: [3] }]);
console.table([[1, 2], [3]]);
console.table(new Set(['ä', { a: 1 }]));
console.table(new Map([['k', { a: 1, b: 2, c: 3 }]]));
console.table({ x: { y: 1 }, z: 5 }, ['y']);
console.table(5);
AbortSignal.timeout(1).onabort = (event) => console.log(event.target.reason.name);
setTimeout(() => {}, 20);
