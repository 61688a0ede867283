import { addMonths, differenceInCalendarDays, eachDayOfInterval, format, formatDistance, isWeekend, parse, parseISO, startOfISOWeek, intervalToDuration } from 'date-fns';
import { de } from 'date-fns/locale';
const d = new Date(2026, 0, 31, 14, 5, 9);
console.log(format(d, 'yyyy-MM-dd HH:mm:ss EEEE do MMMM'), format(d, 'PPPP', { locale: de }));
console.log(format(addMonths(d, 1), 'yyyy-MM-dd'), differenceInCalendarDays(new Date(2026, 11, 24), d));
console.log(eachDayOfInterval({ start: new Date(2026, 1, 26), end: new Date(2026, 2, 2) }).map((x) => format(x, 'EEE d')).join());
console.log(formatDistance(new Date(2026, 0, 1), d), isWeekend(d), format(startOfISOWeek(d), 'II RRRR'));
console.log(format(parse('24/12/2026 7:30 PM', 'dd/MM/yyyy h:mm a', d), "yyyy-MM-dd'T'HH:mm"), parseISO('2026-02-30').toString());
console.log(intervalToDuration({ start: new Date(2025, 0, 1), end: d }));
