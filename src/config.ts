import { parseBuckets } from './config/buckets.ts';
import { parseCors } from './config/cors.ts';
import { parseEgress, type AllowedHost } from './config/egress.ts';
import { parseLimits, type Limits } from './config/limits.ts';
import { parseSettings, type Settings } from './config/settings.ts';
import { readSources } from './config/sources.ts';
import { parseSurfaces, type OwnSurface } from './config/surfaces.ts';
import { parseTopics, type TopicSetting } from './config/topics.ts';
import type { BucketBindings } from './core/bucket-binding.ts';

/** All that the sidecar is told: frozen, and handed to each part as far as it needs it. */
export interface Config {
  readonly settings: Settings;
  readonly limits: Limits;
  /** Name spaces of operations that this deployment adds. */
  readonly surfaces: readonly OwnSurface[];
  /** Where notifications go. */
  readonly topics: readonly TopicSetting[];
  /** What stands behind the names of buckets. */
  readonly buckets: BucketBindings;
  /** Hosts that callers may name. */
  readonly allowedHosts: readonly AllowedHost[];
  /** Origins whose pages may call over HTTP; `*` is all of them. */
  readonly cors: readonly string[];
  /** Environment variables that look like settings and are none: misspelt ones, perhaps. */
  readonly unknownVariables: readonly string[];
}

/**
 * Reads the settings of `longrunning serve` from flags, environment and the YAML file, every limit, the surfaces it adds, and its topics.
 *
 * @param args  what follows `serve`.
 * @throws ConfigError with one line for the person who gave the setting.
 */
export function readConfig(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Config {
  const raw = readSources(args, environment);
  return Object.freeze({
    settings: Object.freeze(parseSettings(raw)),
    limits: parseLimits(raw.limits),
    surfaces: parseSurfaces(raw.surfaces),
    topics: parseTopics(raw.topics),
    buckets: parseBuckets(raw.buckets, environment),
    allowedHosts: parseEgress(raw.egress),
    cors: parseCors(raw.cors),
    unknownVariables: raw.unknownVariables,
  });
}
