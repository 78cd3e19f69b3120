import { invalidArgument, renamingField } from '../core/status-error.ts';
import { assertWellFormed, NamePattern } from '../operations/name-pattern.ts';

export const ACCOUNT = new NamePattern('accounts/*');
export const APP = new NamePattern('accounts/*/apps/*');
export const REPORT = new NamePattern('accounts/*/apps/*/reports/*');
export const REPO = new NamePattern('accounts/*/repos/*');
export const REPO_SCAN = new NamePattern('accounts/*/repos/*/scans/*');

const ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,62}$/;

/** @throws StatusError INVALID_ARGUMENT naming the field, for a name that is not of the form. */
export function parseName(name: string | undefined, form: NamePattern, field: string): string {
  const given = name ?? '';
  renamingField('name', field, () => {
    assertWellFormed(given);
  });
  if (form.matches(given)) return given;
  throw invalidArgument(field, `${JSON.stringify(given)} is not of the form ${form.text}`, {
    reason: 'INVALID_NAME',
    metadata: { name: given },
  });
}

/**
 * The name of what may be made by it: others of its form only lead to NOT_FOUND.
 *
 * @throws StatusError INVALID_ARGUMENT naming the field.
 */
export function parseNewName(name: string | undefined, form: NamePattern, field: string): string {
  const parsed = parseName(name, form, field);
  const ids = parsed.split('/').filter((_, index) => index % 2 === 1);
  if (ids.every((id) => ID.test(id))) return parsed;
  throw invalidArgument(
    field,
    'has an id that is not 1 to 63 letters, digits, -, ., _ or ~, the first a letter or digit',
    {
      reason: 'INVALID_NAME',
      metadata: { name: parsed },
    },
  );
}

/** What a name is listed under: all but its last two segments. */
export function parentOf(name: string): string {
  return name.split('/').slice(0, -2).join('/');
}
