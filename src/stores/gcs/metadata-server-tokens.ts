import { RenewedAccessTokens, type AccessTokens } from './access-tokens.ts';
import type { TokenSourceOptions } from './service-account-tokens.ts';
import { getToken } from './token-request.ts';

const TOKEN_PATH = '/computeMetadata/v1/instance/service-accounts/default/token';

/**
 * Tokens of the account that the machine runs as, on Google's own.
 *
 * Only where the configuration asks for it: the client's egress policy must allow the host, whose address is link-local.
 */
export function metadataServerTokens(options: TokenSourceOptions & { readonly origin?: string }): AccessTokens {
  const { client, clock, origin = 'http://metadata.google.internal', ...rest } = options;
  const url = new URL(TOKEN_PATH, origin).href;
  return new RenewedAccessTokens({
    identity: 'machine',
    clock,
    ...rest,
    fetch: (signal) => getToken({ client, clock, url, signal }),
  });
}
