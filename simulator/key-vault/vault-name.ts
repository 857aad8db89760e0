import { ArmFailure } from '../arm/arm-error.js';
import type { ProviderCall } from '../arm/provider.js';

/** What speaks against a vault's name. The codes are those of Key Vault's common-error-codes page. */
export function checkVaultName(call: ProviderCall): void {
  const { name } = call.place;
  const { estate } = call.world;
  if (!/^[a-z](?:-?[a-z0-9])+$/i.test(name) || name.length < 3 || name.length > 24) {
    throw new ArmFailure(
      400,
      'VaultNameNotValid',
      `The vault name '${name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens. Follow this link for more information: https://go.microsoft.com/fwlink/?linkid=2147742`,
    );
  }
  if (call.existing !== undefined) return;
  if (estate.vaultKeyNamed(name) !== undefined) {
    throw new ArmFailure(
      409,
      'VaultAlreadyExists',
      `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`,
    );
  }
  if (estate.deletedVaults.find(name, call.now) === undefined) return;
  // The wording: https://github.com/Azure/azure-cli/issues/29115
  throw new ArmFailure(
    409,
    'ConflictError',
    'A vault with the same name already exists in deleted state. You need to either recover or purge existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more information on soft delete.',
  );
}
