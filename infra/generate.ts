import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { generatedVariables, withVariables } from './with-variables.js';

/* Writes into the ARM template what follows from the code: `npm run generate`. A test tells where that was forgotten. */

const file = resolve(__dirname, '../../infra/azuredeploy.json');
writeFileSync(file, withVariables(readFileSync(file, 'utf8'), generatedVariables()));
