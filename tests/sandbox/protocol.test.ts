import { describe, expect, test } from 'vitest';
import {
  envelopeSize,
  packReply,
  type SandboxReply,
  unpackReply,
} from '../../src/sandbox/protocol.ts';

const REPLIES: readonly SandboxReply[] = [
  { type: 'prepared' },
  { type: 'started', runId: 1 },
  { type: 'console', runId: 1, level: 'warn', text: 'x' },
  { type: 'console-cut', runId: 1 },
  { type: 'progress', runId: 1, done: 1, total: 2, label: 'crash after step 1' },
  { type: 'call', runId: 1, call: { method: 'open', argument: '', count: 1 } },
  { type: 'result', runId: 1, value: { trace: new Uint8Array([1, 2]), list: [null] } },
  {
    type: 'error',
    runId: 1,
    phase: 'run',
    error: {
      name: 'Error',
      message: 'x',
      frames: [{ module: 'operator', functionName: 'f', line: 1, column: 2 }],
      cause: { name: 'Error', message: 'y', frames: [] },
    },
  },
  { type: 'unsendable', runId: 1, reason: 'it has 9 bytes' },
];

describe('a reply on its way', () => {
  test.each(REPLIES)('comes out as it went in: $type', (reply) => {
    expect(unpackReply(packReply(reply))).toEqual(reply);
  });

  test('is measured with its bytes', () => {
    const envelope = packReply({ type: 'result', runId: 1, value: new Uint8Array(1000) });
    expect(envelopeSize(envelope)).toBeGreaterThan(1000);
  });

  test.each([
    undefined,
    'text',
    {},
    { json: 5, bytes: [] },
    { json: '{', bytes: [] },
    { json: '{"type":"prepared"}' },
    { json: '{"type":"started"}', bytes: [] },
    { json: '{"type":"started","runId":"1"}', bytes: [] },
    { json: '{"type":"hello","runId":1}', bytes: [] },
    { json: '{"type":"result","runId":1,"value":1,"thrown":"x"}', bytes: [] },
    { json: '{"type":"console","runId":1,"level":"shout","text":""}', bytes: [] },
    { json: '{"type":"progress","runId":1,"done":-1,"total":2,"label":""}', bytes: [] },
    { json: '{"type":"error","runId":1,"phase":"run","error":{"name":"E"}}', bytes: [] },
    {
      json:
        '{"type":"error","runId":1,"phase":"run","error":{"name":"E","message":"","frames":' +
        '[{"module":"toString","functionName":"","line":1,"column":1}]}}',
      bytes: [],
    },
  ])('is refused when it is not one: %j', (data) => {
    expect(unpackReply(data)).toBeUndefined();
  });
});
