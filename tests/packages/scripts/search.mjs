import Fuse from 'fuse.js';
import MiniSearch from 'minisearch';
const books = [{ id: 1, title: 'Old Man\'s War', author: 'John Scalzi' }, { id: 2, title: 'The Lock Artist', author: 'Steve Hamilton' }, { id: 3, title: 'HTML5', author: 'Remy Sharp' }];
console.log(new Fuse(books, { keys: ['title', 'author'], includeScore: true }).search('jon').map((r) => [r.item.id, r.score.toFixed(3)]));
const mini = new MiniSearch({ fields: ['title', 'author'], storeFields: ['title'] }); mini.addAll(books);
console.log(mini.search('lok artst', { fuzzy: 0.3 }).map((r) => [r.id, r.title]), mini.autoSuggest('ol').map((s) => s.suggestion), mini.search('ste', { prefix: true }).length);
