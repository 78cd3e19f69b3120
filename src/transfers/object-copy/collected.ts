/** Fills `into` with the whole of a body whose length that is, and which is checked by who sends it. */
export async function collected(body: AsyncIterable<Uint8Array>, into: Buffer): Promise<Buffer> {
  let offset = 0;
  for await (const chunk of body) {
    into.set(chunk, offset);
    offset += chunk.length;
  }
  return into;
}
