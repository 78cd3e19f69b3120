import type { UploadedFile } from '../../src/checks/upload-analysis.ts';
import type { UploadSpool } from '../../src/checks/upload-spool.ts';

/** A spool that forgets nothing until it is told to, and nothing of which is bounded. */
export class MemoryUploadSpool implements UploadSpool {
  readonly files = new Map<string, Buffer>();

  async receive(id: string, chunks: AsyncIterable<Uint8Array>): Promise<UploadedFile> {
    const received: Uint8Array[] = [];
    for await (const chunk of chunks) received.push(chunk);
    const bytes = Buffer.concat(received);
    this.files.set(id, bytes);
    return { uri: `file:///${id}`, sizeBytes: bytes.length, sha256: new Uint8Array(32) };
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve([...this.files.keys()]);
  }

  remove(id: string): Promise<void> {
    this.files.delete(id);
    return Promise.resolve();
  }
}
