import {
  type NotificationTestReport,
  type NotificationTestSubject,
  type SendMail,
  sendMailBySmtp,
  testNotifications,
} from "@tatou/alerting";
import type { AddressBook } from "@tatou/http";
import { type Clock, type EventLog, type HttpTransport, silentLog } from "@tatou/model";
import { diskFiles } from "../configuration/disk-files.ts";
import { loadConfiguration } from "../configuration/load-configuration.ts";
import { transportOpener } from "../configuration/open-transport.ts";

export interface ConfigurationTestOptions {
  /** Path of alertmanager.yml. */
  readonly configFile: string;
  readonly subject: NotificationTestSubject;
  readonly clock: Clock;
  /** Reaches receivers. Not closed here. */
  readonly transport: HttpTransport;
  /** Where service names lead, for receivers whose http_config needs connections of their own. */
  readonly resolve?: AddressBook;
  /** Its head is quoted in what is sent. */
  readonly eventLog: EventLog;
  /** For links in notifications; without a slash at the end. */
  readonly externalUrl: string;
  readonly sendMail?: SendMail;
}

/**
 * Sends test notifications by a configuration file, without a running program.
 * @throws {ConfigurationFileError} a file of the configuration cannot be read
 * @throws {ConfigError} @throws {NotificationTemplateError} the configuration is wrong
 * @throws {NotificationTestError} there is no such receiver, or no alert can have these labels
 */
export async function testConfiguration(options: ConfigurationTestOptions): Promise<NotificationTestReport> {
  const { clock, transport, resolve, subject } = options;
  const configuration = await loadConfiguration(options.configFile, {
    ...options,
    log: silentLog,
    files: diskFiles,
    sendMail: options.sendMail ?? sendMailBySmtp,
    openTransport: transportOpener({ plain: transport, clock, ...(resolve !== undefined && { resolve }) }),
  });
  const { tools, close } = configuration.openReceiverTools();
  try {
    return await testNotifications({ config: configuration.config, tools, subject });
  } finally {
    await Promise.all([close(), configuration.close()]);
  }
}
