/** The entries with the largest counts, largest first; equal counts are in order of key. */
export function topOf<K extends number | string>(
  counts: Iterable<readonly [K, number]>,
  top: number,
): (readonly [K, number])[] {
  const best: (readonly [K, number])[] = [];
  for (const entry of counts) {
    if (best.length === top && !isBefore(entry, best[top - 1])) continue;
    let place = best.length;
    while (place > 0 && isBefore(entry, best[place - 1])) place -= 1;
    best.splice(place, 0, entry);
    if (best.length > top) best.pop();
  }
  return best;
}

function isBefore<K extends number | string>(
  [key, count]: readonly [K, number],
  [otherKey, otherCount]: readonly [K, number],
): boolean {
  return count > otherCount || (count === otherCount && key < otherKey);
}
