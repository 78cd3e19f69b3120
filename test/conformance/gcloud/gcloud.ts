import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** One command takes a second or two; the rest is for a busy machine. */
const COMMAND_TIMEOUT_MS = 100_000;

export interface GcloudResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface GcloudOptions {
  /** For its own files; nothing of the user's is read. */
  readonly directory: string;
  /** Of the sidecar over HTTP, such as `127.0.0.1:40001`. */
  readonly address: string;
}

/** `gcloud transfer`, let loose on a sidecar alone: without credentials, proxies, prompts or news of its own. */
export class Gcloud {
  readonly #environment: NodeJS.ProcessEnv;

  constructor({ directory, address }: GcloudOptions) {
    this.#environment = environmentOf(directory, `http://${address}/`);
  }

  /** @returns how it ended, whatever that was. @throws Error when there is no gcloud, or it is not done in time. */
  run(...words: readonly string[]): Promise<GcloudResult> {
    const options = { env: this.#environment, timeout: COMMAND_TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      execFile('gcloud', ['transfer', ...words], options, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(new Error(`gcloud transfer ${words.join(' ')} did not end by itself: ${stderr}`, { cause: error }));
      });
    });
  }

  /** @returns what it wrote to stdout. @throws Error with all of its output unless its status is 0. */
  async succeed(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status === 0) return stdout;
    throw new Error(`gcloud transfer ${words.join(' ')} ended with ${String(status)}:\n${stdout}${stderr}`);
  }

  /** What a command answers, as JSON. */
  async ask(...words: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.succeed(...words, '--format=json'));
  }

  /** @returns what it told. @throws Error when it succeeds. */
  async fail(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0) return stderr;
    throw new Error(`gcloud transfer ${words.join(' ')} succeeded:\n${stdout}${stderr}`);
  }
}

function environmentOf(directory: string, endpoint: string): NodeJS.ProcessEnv {
  mkdirSync(join(directory, 'config'), { recursive: true });
  const { PATH, CLOUDSDK_PYTHON } = process.env;
  return {
    PATH,
    ...(CLOUDSDK_PYTHON === undefined ? {} : { CLOUDSDK_PYTHON }),
    HOME: directory,
    CLOUDSDK_CONFIG: join(directory, 'config'),
    CLOUDSDK_CORE_PROJECT: 'p',
    CLOUDSDK_API_ENDPOINT_OVERRIDES_TRANSFER: endpoint,
    CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE: endpoint,
    CLOUDSDK_AUTH_DISABLE_CREDENTIALS: 'true',
    CLOUDSDK_CORE_DISABLE_PROMPTS: '1',
    CLOUDSDK_CORE_DISABLE_USAGE_REPORTING: 'true',
    CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK: 'true',
    CLOUDSDK_CORE_CHECK_GCE_METADATA: 'false',
    // For --no-async: three seconds otherwise.
    CLOUDSDK_TRANSFER_NO_ASYNC_POLLING_INTERVAL_MS: '200',
  };
}
