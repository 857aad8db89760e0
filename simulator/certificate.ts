import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface Certificate {
  /** PEM. */
  readonly certificate: string;
  /** PEM. */
  readonly privateKey: string;
}

/**
 * A certificate of its own for this run, for this machine. It signs itself, so that NODE_EXTRA_CA_CERTS can name it as a
 * root; of two roots with the same name, only the first is tried.
 */
export async function makeCertificate(commonName = 'localhost'): Promise<Certificate> {
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 3_600_000),
    notAfterDate: new Date(Date.now() + 30 * 86_400_000),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  });
  return { certificate: made.cert, privateKey: made.private };
}

/** Writes the certificate (not the key) where the app's process can read it; gives the path. */
export async function writeCertificate(pem: string, path?: string): Promise<string> {
  const target = path ?? join(await mkdtemp(join(tmpdir(), 'azure-simulator-')), 'certificate.pem');
  await writeFile(target, pem);
  return target;
}
