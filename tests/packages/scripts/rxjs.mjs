import { from, interval, map, filter, take, toArray, firstValueFrom, mergeMap, of, scan } from 'rxjs';
console.log(await firstValueFrom(from([1, 2, 3, 4]).pipe(filter((x) => x % 2 === 0), mergeMap((x) => of(x, x * 10)), scan((a, b) => a + b, 0), toArray())));
console.log(await firstValueFrom(interval(1).pipe(take(3), map((x) => x * x), toArray())));
