/** Hands `content` to the reader as a file: to keep, or because it can't be saved on the device. */
export function offerAsFile(
  name: string,
  content: string | Uint8Array<ArrayBuffer>,
  type = 'text/plain',
): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download starts in a later task; the address must live until then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
