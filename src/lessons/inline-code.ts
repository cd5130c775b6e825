/** A piece of a sentence; code was between backticks. */
export interface TextPiece {
  readonly isCode: boolean;
  readonly text: string;
}

/** Splits a sentence at its backticks. */
export function splitInlineCode(sentence: string): readonly TextPiece[] {
  return sentence
    .split('`')
    .map((text, index) => ({ isCode: index % 2 === 1, text }))
    .filter((piece) => piece.text !== '');
}
