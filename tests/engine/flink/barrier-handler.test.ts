import { expect, test } from 'vitest';
import { BarrierHandler } from '../../../engine/flink/barrier-handler.ts';
import { Recorder } from '../../../engine/trace/recorder.ts';

/**
 * Feeds barriers as `channel:checkpoint` and ends as `channel:end`; returns, for each word, the
 * checkpoint completed by it, or else the channels blocked after it.
 */
function align(channelCount: number, text: string): string {
  const alignment = new BarrierHandler(channelCount, 'aligned', 0, new Recorder(false));
  const seen: string[] = [];
  for (const word of text.split(' ')) {
    const [channel = '', what = ''] = word.split(':');
    const pending = alignment.checkpointId;
    const isEnd = what === 'end';
    const done = isEnd
      ? alignment.end(Number(channel))
      : alignment.receive(Number(channel), Number(what), 0, false);
    if (done !== 'wait') {
      seen.push(`done ${isEnd ? pending : what}`);
      continue;
    }
    const blocked = Array.from({ length: channelCount }, (_, index) => index).filter((index) =>
      alignment.isBlocked(index),
    );
    seen.push(`blocked ${blocked.join('+') || 'none'}`);
  }
  return seen.join(', ');
}

test('blocks a channel from its barrier until all have delivered theirs', () => {
  expect(align(3, '1:7 0:7 2:7')).toBe('blocked 1, blocked 0+1, done 7');
});

test('one channel needs no alignment', () => {
  expect(align(1, '0:1 0:2')).toBe('done 1, done 2');
});

test('a newer barrier replaces the checkpoint being aligned', () => {
  expect(align(2, '0:1 1:2 0:2')).toBe('blocked 0, blocked 1, done 2');
});

test('an older barrier is ignored', () => {
  expect(align(2, '0:2 1:1 1:2 0:1')).toBe('blocked 0, blocked 0, done 2, blocked none');
});

test('a channel that has ended counts as having delivered', () => {
  expect(align(2, '0:end 1:4')).toBe('blocked none, done 4');
  expect(align(2, '1:4 0:end')).toBe('blocked 1, done 4');
});
