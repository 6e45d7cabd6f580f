import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pdf } from "./pdfs.ts";
import { newFolder, Platform } from "./platform.ts";
import { type Identity, newIdentity, type PayloadForm, RmapClient, writeKeys } from "./rmap-client.ts";

/** A platform that knows some identities, with their private keys. */
export interface RmapPlatform {
  readonly platform: Platform;
  readonly server: Identity;
  readonly identities: readonly Identity[];
  /** A client for one of the identities, as a group would run it. */
  client(index?: number, options?: { readonly form?: PayloadForm; readonly from?: string }): RmapClient;
}

export const rmapWatermarkKey = "the key of the RMAP copies";

/** Groups have keys of both kinds; there are enough of them that no test meets the limit of one identity. */
export async function startRmapPlatform(env: NodeJS.ProcessEnv = {}): Promise<RmapPlatform> {
  const folder = newFolder();
  const server = await newIdentity("Tatou Server", "rsa2048");
  const identities = [await newIdentity("Group_01"), await newIdentity("Jean Dupont-2", "rsa2048")];
  for (let number = 3; number <= 6; number++) identities.push(await newIdentity(`Group_0${number}`));
  writeKeys(join(folder, "keys"), server, identities);
  writeFileSync(join(folder, "rmap.pdf"), pdf({ pageCount: 2, text: "What RMAP hands out" }));
  const platform = await Platform.start(
    {
      RMAP_KEYS_DIR: join(folder, "keys"),
      RMAP_DOCUMENT_PATH: join(folder, "rmap.pdf"),
      RMAP_WATERMARK_KEY: rmapWatermarkKey,
      ...env,
    },
    folder,
  );
  return {
    platform,
    server,
    identities,
    client: (index = 0, options = {}) =>
      new RmapClient(platform.port, { identity: identities[index]!, serverKey: server.publicKey }, options),
  };
}
