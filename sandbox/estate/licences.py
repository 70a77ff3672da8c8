"""Microsoft's licences as far as the stand-ins need them: part numbers, ids and service plans."""

from dataclasses import dataclass

#: Service plan name -> id.
PLAN_IDS: dict[str, str] = {
    "AAD_PREMIUM": "41781fb2-bc02-4b7c-bd55-b576c07bb09d",
    "AAD_PREMIUM_P2": "eec0eb4f-6444-4f95-aba0-50c24d67f998",
    "EXCHANGE_S_ENTERPRISE": "efb87545-963c-4e0d-99df-69c6916d9eb0",
    "EXCHANGE_S_STANDARD": "9aaf7827-d63c-4b61-89c3-182f06f82e5c",
    "INTUNE_A": "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
    "MFA_PREMIUM": "8a256a2b-b617-496d-b51b-e76466e88db0",
    "SHAREPOINTSTANDARD": "c7699d2e-19aa-44de-8edf-1736da088ca1",
    "TEAMS1": "57ff2da0-773e-42df-b2af-ffb7a2317929",
}


@dataclass(frozen=True, kw_only=True)
class Sku:
    """One licence: its id and the names of the service plans it holds."""

    id: str
    plans: tuple[str, ...]


SKUS: dict[str, Sku] = {
    "O365_BUSINESS_ESSENTIALS": Sku(
        id="3b555118-da6a-4418-894f-7df1e2096870",
        plans=("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", "TEAMS1"),
    ),
    "O365_BUSINESS_PREMIUM": Sku(
        id="f245ecc8-75af-4f8e-b61f-27d8114de5f3",
        plans=("EXCHANGE_S_STANDARD", "SHAREPOINTSTANDARD", "TEAMS1"),
    ),
    "SPB": Sku(
        id="cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46",
        plans=(
            "EXCHANGE_S_STANDARD",
            "SHAREPOINTSTANDARD",
            "TEAMS1",
            "INTUNE_A",
            "AAD_PREMIUM",
            "MFA_PREMIUM",
        ),
    ),
    "SPE_E5": Sku(
        id="06ebc4ee-1bb5-47dd-8120-11324bc54e06",
        plans=(
            "EXCHANGE_S_ENTERPRISE",
            "SHAREPOINTSTANDARD",
            "TEAMS1",
            "INTUNE_A",
            "AAD_PREMIUM",
            "AAD_PREMIUM_P2",
            "MFA_PREMIUM",
        ),
    ),
}
