"""Microsoft Advertising: import of offline conversions, and their adjustments.

Facts, from the documentation of the Bing Ads API 13 (learn.microsoft.com/advertising:
`campaign-management-service/applyofflineconversions`, `offlineconversion`, `batcherror`,
`offlineconversionadjustment`; `guides/authentication-oauth-get-tokens`, `operation-error-codes`):

- `POST {base}/CampaignManagement/v13/OfflineConversions/Apply`, JSON, 1,000 conversions at most;
  headers `Authorization: Bearer`, `DeveloperToken`, `CustomerId`, `CustomerAccountId`. Adjustments,
  1,000 at most, go to `OfflineConversionAdjustments/Apply`.
- An adjustment is a `Retract`, or a `Restate` with the whole new value. It names its conversion by
  click id or person, goal and `ConversionTime`, which is the conversion's own; its own time is the
  `AdjustmentTime`, not earlier than that and not to come.
- A conversion is of a goal of the account's, by the goal's name, which is at least two hours old.
  Its time is UTC, within the last 90 days and not to come. A click id, or, for a goal with enhanced
  conversions, the hash of an email or a phone. There is no id of the event.
- Of two with one click id, goal and time the first counts, whenever the second comes; of hashes the
  same is not said.
- An email is hashed in lower case, without the dots before the @ and without a +suffix, at every
  domain; a phone in E.164 with its plus. Both as SHA-256 in lower-case hex.
- The answer lists who failed (`PartialErrors`, by `Index`); the others are taken. A fault of the
  whole request has `Errors`, `OperationErrors` or `BatchErrors`. After code 117 one waits 60 s.
- Access tokens last an hour, and are bought at the Microsoft identity platform for the scope
  `msads.manage`; the application must be one with a secret. A refresh token may end at any time.

Not found, and so assumed: the numbers of most codes of errors (we go by their symbols), the HTTP
status of a fault, whether times are compared beyond seconds, and how far adjustments reach back (as
far as conversions).

The UET Conversions API (`POST capi.uet.microsoft.com/v1/{tag}/events`, 1,000 events a request, with
an `eventId` shared with the tag in the page and `continueOnValidationError`) is a pilot by account
with a token of its own, and has no way to take anything back; it is not used.
"""
