import { isAbsolute } from 'node:path';
import { ConfigError } from './sources.ts';

/** Where the notifications of a topic go. */
export type TopicSetting = { readonly topic: string } & (
  { readonly webhook: URL; readonly allowPrivate: boolean } | { readonly file: string }
);

const MEMBERS: readonly string[] = ['topic', 'webhook', 'allowPrivate', 'file'];
const TOPIC = /^projects\/[^/\s*]+\/topics\/([^/\s*]+\*?|\*)$|^projects\/\*$/;

/**
 * The `topics` section of the config file: `topics: [{topic: projects/p/topics/t, webhook: https://example.com/hook}]`, with `file`
 * instead of `webhook` for a file of JSON lines. A topic may end in `*`. A webhook at an address that is not public needs
 * `allowPrivate: true`.
 *
 * @throws ConfigError naming the member that is missing, unknown or wrong.
 */
export function parseTopics(given: unknown): readonly TopicSetting[] {
  if (given === undefined) return [];
  if (!Array.isArray(given)) throw new ConfigError('topics: must be a list');
  return given.map((item: unknown, index) => parseTopic(item, `topics[${String(index)}]`));
}

function parseTopic(given: unknown, where: string): TopicSetting {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigError(`${where}: must be a mapping with topic, and webhook or file`);
  }
  const members = given as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(members).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new ConfigError(`${where}: there is no ${unknown}; known are ${MEMBERS.join(', ')}`);
  const { topic, webhook, file, allowPrivate = false } = members;
  if (typeof topic !== 'string' || !TOPIC.test(topic)) {
    throw new ConfigError(`${where}.topic: must be projects/PROJECT/topics/TOPIC, and may end in *`);
  }
  if ((webhook === undefined) === (file === undefined)) {
    throw new ConfigError(`${where}: must have either webhook or file`);
  }
  if (typeof allowPrivate !== 'boolean') throw new ConfigError(`${where}.allowPrivate: must be true or false`);
  if (webhook !== undefined) return { topic, webhook: urlOf(webhook, `${where}.webhook`), allowPrivate };
  if (typeof file !== 'string' || !isAbsolute(file)) throw new ConfigError(`${where}.file: must be an absolute path`);
  return { topic, file };
}

function urlOf(given: unknown, where: string): URL {
  const url = typeof given === 'string' ? URL.parse(given) : null;
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (url !== null && isWeb && url.username === '' && url.password === '') return url;
  throw new ConfigError(`${where}: must be a URL of http or https without a user`);
}
