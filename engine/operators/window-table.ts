import { isSameWindow } from '../windows/time-window.ts';
import type { TimeWindow } from '../windows/time-window.ts';

interface Node<V> {
  readonly window: TimeWindow;
  value: V;
  /** Another window of the same key and start. */
  next: Node<V> | undefined;
}

/** Values by key and window: what Flink calls state with the window as its namespace. */
export class WindowTable<V> {
  readonly #byKey = new Map<number, Map<number, Node<V>>>();
  /** What was found last, until anything is removed: often the same is asked for again. */
  #lastKey = -1;
  #lastNode: Node<V> | undefined;
  size = 0;

  get(key: number, window: TimeWindow): V | undefined {
    const last = this.#lastNode;
    if (key === this.#lastKey && last !== undefined && isSameWindow(last.window, window)) {
      return last.value;
    }
    let node = this.#byKey.get(key)?.get(window.startMs);
    while (node !== undefined && node.window.endMs !== window.endMs) node = node.next;
    this.#lastKey = key;
    this.#lastNode = node;
    return node?.value;
  }

  set(key: number, window: TimeWindow, value: V): void {
    let byStart = this.#byKey.get(key);
    if (byStart === undefined) {
      byStart = new Map();
      this.#byKey.set(key, byStart);
    }
    const first = byStart.get(window.startMs);
    let node = first;
    while (node !== undefined && node.window.endMs !== window.endMs) node = node.next;
    if (node !== undefined) {
      node.value = value;
      return;
    }
    byStart.set(window.startMs, { window, value, next: first });
    this.size += 1;
  }

  delete(key: number, window: TimeWindow): void {
    this.#lastNode = undefined;
    const byStart = this.#byKey.get(key);
    const first = byStart?.get(window.startMs);
    if (byStart === undefined || first === undefined) return;
    if (first.window.endMs === window.endMs) {
      if (first.next !== undefined) byStart.set(window.startMs, first.next);
      else byStart.delete(window.startMs);
      if (byStart.size === 0) this.#byKey.delete(key);
      this.size -= 1;
      return;
    }
    let before = first;
    while (before.next !== undefined && before.next.window.endMs !== window.endMs) {
      before = before.next;
    }
    if (before.next === undefined) return;
    before.next = before.next.next;
    this.size -= 1;
  }

  forEach(visit: (key: number, window: TimeWindow, value: V) => void): void {
    for (const [key, byStart] of this.#byKey) {
      for (const first of byStart.values()) {
        let node: Node<V> | undefined = first;
        for (; node !== undefined; node = node.next) visit(key, node.window, node.value);
      }
    }
  }
}
