/** Test notifications by HTTP: by the configuration in force, through the receivers as they are. */
import { NotificationTestError, type NotificationTestSubject } from "@tatou/alerting";
import type { FastifyInstance } from "fastify";
import type { AlertsCore } from "../alerts-core.ts";
import { NotificationTestBusyError } from "../errors.ts";
import { parseBody, RequestError, readLabels, readObject, readOptionalText } from "./json-body.ts";

/** A request names a receiver, or an alert with a few labels. */
const bodySizeMaxBytes = 64 * 1024;
const busyStatus = 409;

/** POST /notify/test with {receiver?}, or {alert?, labels?}; each receiver once without any of them. */
export function registerNotificationTest(api: FastifyInstance, core: AlertsCore): void {
  api.post<{ Body: string }>("/notify/test", { bodyLimit: bodySizeMaxBytes }, async (request) => {
    const subject = readSubject(request.body);
    try {
      return await core.testNotifications(subject);
    } catch (error) {
      throw refusalOf(error);
    }
  });
}

function refusalOf(error: unknown): unknown {
  if (error instanceof NotificationTestError) {
    return new RequestError(`${error.message}. ${error.hint}`, { code: subjectCode });
  }
  if (error instanceof NotificationTestBusyError) {
    return new RequestError(`${error.message}. ${error.hint}`, { status: busyStatus, code: busyStatus });
  }
  return error;
}

/** go-openapi's number for a value that is not one of those there are. */
const subjectCode = 606;

function readSubject(body: string): NotificationTestSubject {
  const fields = readObject({ path: "", value: parseBody(body, "test") });
  const unknown = Object.keys(fields).find((name) => !["receiver", "alert", "labels"].includes(name));
  if (unknown !== undefined) {
    const message = `${JSON.stringify(unknown.slice(0, 100))} in body is not known, expected receiver, alert or labels`;
    throw new RequestError(message, { code: subjectCode });
  }
  const receiver = readOptionalText(fields, "", "receiver");
  const alert = readOptionalText(fields, "", "alert");
  const labels = fields["labels"] === undefined ? {} : readLabels({ path: "labels", value: fields["labels"] });
  const isAboutAlert = alert !== "" || Object.keys(labels).length > 0;
  if (receiver !== "" && isAboutAlert) {
    throw new RequestError("receiver in body cannot be given together with alert or labels", { code: subjectCode });
  }
  if (receiver !== "") return { kind: "receiver", name: receiver };
  return isAboutAlert
    ? { kind: "alert", labels: { ...labels, ...(alert !== "" && { alertname: alert }) } }
    : { kind: "receivers" };
}
