import { bucketAnswer, objectAnswer, type FakeRequest } from '../../test/support/fake-s3/answers.ts';
import { FakeBucket, FakeS3Error } from '../../test/support/fake-s3/fake-bucket.ts';
import { drain, refuse, type S3Request } from './s3-request.ts';

/**
 * Answers what the sidecar sends once to learn what a server does: as S3 would, so that it then sends what it sends to S3. The few
 * objects are under staging names.
 */
export class ProbeAnswers {
  readonly #bucket = new FakeBucket();

  async answer(request: S3Request): Promise<void> {
    const chunks: Buffer[] = [];
    await drain(request.message, (chunk) => chunks.push(chunk));
    const { method, key, query, message, response } = request;
    const headers = message.headers as Readonly<Record<string, string>>;
    const asked: FakeRequest = { method, key, query, headers, body: Buffer.concat(chunks), lies: {}, isDropped: false };
    try {
      const answered = key === '' ? bucketAnswer(this.#bucket, asked) : objectAnswer(this.#bucket, asked);
      response.writeHead(answered.status, { 'content-length': answered.body.length, ...answered.headers });
      response.end(method === 'HEAD' ? undefined : answered.body);
    } catch (error) {
      if (!(error instanceof FakeS3Error)) throw error;
      refuse(request, error.status, error.code);
    }
  }
}
