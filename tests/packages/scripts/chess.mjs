import { Chess } from 'chess.js';
const game = new Chess();
for (const move of ['e4', 'e5', 'Qh5', 'Nc6', 'Bc4', 'Nf6', 'Qxf7#']) game.move(move);
console.log(game.ascii(), game.fen(), game.isCheckmate(), game.history().join(' '), game.pgn().split('\n').at(-1));
console.log(new Chess('4k3/P7/8/8/8/8/8/4K3 w - - 0 1').moves({ verbose: true }).filter((m) => m.promotion).map((m) => m.san).join());
