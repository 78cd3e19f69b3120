import { ConfigError } from './sources.ts';

/**
 * The `cors` section of the config file: `cors: {origins: [https://console.example.com]}`, or `['*']` for every page there is.
 *
 * @returns origins as browsers send them; none where there is no section.
 * @throws ConfigError naming the member that is wrong.
 */
export function parseCors(given: unknown): readonly string[] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigError('cors: must be a mapping with origins');
  }
  const { origins, ...others } = given as Readonly<Record<string, unknown>>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new ConfigError(`cors: there is no ${unknown}; known is origins`);
  if (!Array.isArray(origins) || origins.length === 0) throw new ConfigError('cors.origins: must be a list of origins');
  return origins.map((origin: unknown, index) => parseOrigin(origin, `cors.origins[${String(index)}]`));
}

function parseOrigin(given: unknown, where: string): string {
  if (given === '*') return given;
  const origin = typeof given === 'string' && URL.canParse(given) ? new URL(given).origin : undefined;
  if (origin !== undefined && origin === given) return origin;
  throw new ConfigError(`${where}: must be * or a scheme, a host and its port, such as https://console.example.com`);
}
