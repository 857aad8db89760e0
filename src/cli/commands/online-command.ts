import { Command, InvalidArgumentError, Option } from 'commander';

/** A command that talks to Azure, with the options that all of those have. */
export function onlineCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option('--tenant <id>', 'the tenant to sign in to (id or domain)', tenant)
    .addOption(
      new Option('--subscription <id>', 'look at this subscription')
        .argParser(subscription)
        .conflicts('scope'),
    )
    .option(
      '--scope <id...>',
      '/subscriptions/{id} or /subscriptions/{id}/resourceGroups/{name}; HOLDFAST_SCOPES, else the one of az account show',
    )
    .option('--storage <account>', 'keep state in the storage account of a deployed Holdfast')
    .option('--state <directory>', 'keep state in this directory')
    .option('--json', 'answer with JSON');
}

/** One that writes to Azure. */
export function writingCommand(name: string, description: string): Command {
  return onlineCommand(name, description).option('-y, --yes', 'do not ask before something is changed');
}

function tenant(text: string): string {
  // As the credential takes it; a text that begins with a dash would be an option of az.
  if (/^[a-z0-9][a-z0-9.-]*$/i.test(text)) return text;
  throw new InvalidArgumentError('It is the id of a tenant, or one of its domains.');
}

function subscription(text: string): string {
  if (/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text;
  throw new InvalidArgumentError('It is the id of a subscription (a GUID).');
}
