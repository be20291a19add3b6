// Drives midtrans-client, a client written by other people, against a SNAP provider: its access-token call, then the
// account-inquiry call (service 08) through its own signer and sender. Everything comes from the environment; the answers
// are printed as one JSON object.
"use strict";
const { SnapBi, SnapBiConfig } = require("midtrans-client");

const env = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

SnapBiConfig.isProduction = false;
SnapBiConfig.SNAP_BI_SANDBOX_BASE_URL = env("BASE_URL");

function client(secret) {
  return SnapBi.directDebit()
    .withClientId(env("CLIENT_ID"))
    .withPrivateKey(env("PRIVATE_KEY"))
    .withClientSecret(secret)
    .withPartnerId(env("PARTNER_ID"))
    .withChannelId(env("CHANNEL_ID"))
    .withDeviceId("device-of-a-foreign-client")
    .withTransactionHeader({ "Authorization-Customer": `Bearer ${env("CUSTOMER_TOKEN")}` })
    .withTimeout(10000);
}

async function inquire(secret, externalId) {
  const call = client(secret).withBody({ additionalInfo: {} });
  call.apiPath = env("INQUIRY_PATH");
  return call.createConnection(externalId);
}

(async () => {
  const run = Date.now().toString();
  const token = await client(env("CLIENT_SECRET")).getAccessToken();
  const inquiry = await inquire(env("CLIENT_SECRET"), run + "01");
  const wrongSecret = await inquire("not-the-secret", run + "02");
  process.stdout.write(JSON.stringify({ token, inquiry, wrongSecret }));
})().catch((err) => {
  console.error(err);
  process.exit(1);
});
