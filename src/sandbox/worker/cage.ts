/**
 * Ways out of a worker. The frame's policy already blocks the network; these go as well, so that
 * code sees at once that they are not there, and can't talk over the page's channel.
 */
const REMOVED_GLOBALS = [
  'Worker',
  'SharedWorker',
  'importScripts',
  'BroadcastChannel',
  'WebSocket',
  'WebSocketStream',
  'WebTransport',
  'EventSource',
  'XMLHttpRequest',
  'fetch',
  'indexedDB',
  'caches',
  'Notification',
  'postMessage',
  'close',
] as const;

/** Deletes them from the global object and from every object it inherits from. */
export function removeWaysOut(scope: object): void {
  for (const name of REMOVED_GLOBALS) {
    for (let holder: object | null = scope; holder !== null;) {
      Reflect.deleteProperty(holder, name);
      holder = Object.getPrototypeOf(holder) as object | null;
    }
  }
}
