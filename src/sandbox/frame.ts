import frameHtml from './frame.html?raw';
import {
  type ModuleText,
  type SandboxReply,
  type SandboxRequest,
  unpackReply,
} from './protocol.ts';

/** Generous: it covers a slow device that reads our own modules for the first time. */
const PREPARE_MS_MAX = 20_000;

/** One frame with one worker in it, our modules loaded. Good for one run. */
export interface SandboxFrame {
  send(request: SandboxRequest): void;
  /** Who gets the replies. Replies that are not well-formed don't arrive. */
  listen(onReply: (reply: SandboxReply) => void, onFailure: (message: string) => void): void;
  /** Ends whatever runs in it, at once. Nothing is heard of it afterwards. */
  remove(): void;
}

/** The sandbox itself did not come up: nothing the learner wrote was involved. */
export class SandboxUnavailableError extends Error {
  override readonly name = 'SandboxUnavailableError';
}

/**
 * Makes a frame and loads `modules` in it.
 * @throws SandboxUnavailableError when the browser does not let it start, or our code fails in it.
 */
export async function createFrame(
  workerCode: string,
  modules: readonly ModuleText[],
): Promise<SandboxFrame> {
  const element = document.createElement('iframe');
  element.setAttribute('sandbox', 'allow-scripts');
  element.setAttribute('aria-hidden', 'true');
  element.title = 'Sandbox for your code';
  element.tabIndex = -1;
  element.hidden = true;
  element.srcdoc = frameHtml;
  const loaded = new Promise((resolve) => {
    element.addEventListener('load', resolve, { once: true });
  });
  document.body.append(element);
  const { port1: port, port2 } = new MessageChannel();

  let onReply: (reply: SandboxReply) => void = () => {};
  let onFailure: (message: string) => void = () => {};
  port.onmessage = ({ data }: MessageEvent<unknown>): void => {
    const failure = readFailure(data);
    if (failure !== undefined) onFailure(failure);
    const reply = unpackReply(data);
    if (reply !== undefined) onReply(reply);
  };

  const frame: SandboxFrame = {
    send: (request) => port.postMessage(request),
    listen: (reply, failure) => {
      onReply = reply;
      onFailure = failure;
    },
    remove: () => {
      frame.listen(
        () => {},
        () => {},
      );
      port.close();
      element.remove();
    },
  };

  const prepared = waitUntilPrepared(frame);
  try {
    await Promise.race([loaded, prepared]);
    element.contentWindow?.postMessage({ worker: workerCode }, '*', [port2]);
    frame.send({ type: 'prepare', modules });
    await prepared;
  } catch (error) {
    frame.remove();
    throw error;
  }
  return frame;
}

function waitUntilPrepared(frame: SandboxFrame): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new SandboxUnavailableError(why));
    };
    const timer = setTimeout(
      () => fail(`the sandbox did not start within ${PREPARE_MS_MAX / 1000} seconds`),
      PREPARE_MS_MAX,
    );
    frame.listen((reply) => {
      if (reply.type === 'error') fail(`our code failed to load: ${reply.error.message}`);
      if (reply.type !== 'prepared') return;
      clearTimeout(timer);
      resolve();
    }, fail);
  });
}

function readFailure(data: unknown): string | undefined {
  if (typeof data !== 'object' || data === null || !('failure' in data)) return undefined;
  return String(data.failure);
}
