"""`keywright cost`: what the keys of a file cost a month."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keywright._internal.cli.documents import print_document
from keywright._internal.cli.fleet.one_account import OneAccount

if TYPE_CHECKING:
    from keywright._internal.model.pricing import KeyCost


def cost(
    file: Annotated[Path, typer.Argument(help="A keys file.", show_default=False)],
    account: OneAccount = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Estimate what the keys cost a month, now and once they have rotated. Doesn't call AWS."""
    from keywright._internal.keysfile.stack import load_stack
    from keywright._internal.model import pricing

    found = pricing.costs(load_stack(file, account))
    unpriced = sum(item.month is None for item in found)
    if as_json:
        print_document(
            {
                "currency": "USD",
                "keys": [_document(item) for item in found],
                "month": pricing.total(found),
                "month_at_most": pricing.total(found, at_most=True),
                "without_price": unpriced,
                "ten_thousand_requests": pricing.TEN_THOUSAND_REQUESTS,
                "free_requests_a_month": pricing.FREE_REQUESTS,
            }
        )
        return
    width = max(len(_label(item)) for item in found)
    for item in found:
        typer.echo(f"{_label(item):<{width}}  {_words(item)}")
    now, later = pricing.total(found), pricing.total(found, at_most=True)
    typer.echo(f"\nTotal: {now:.2f} USD a month, {later:.2f} USD after two rotations.")
    price, free = pricing.TEN_THOUSAND_REQUESTS, pricing.FREE_REQUESTS
    typer.echo(f"Requests: {price:.2f} USD for 10,000 after {free:,} free ones a month; asymmetric ones cost more.")
    if unpriced:
        typer.echo("Keys outside of AWS's commercial Regions have another price list and are not in the total.")


def _label(item: KeyCost) -> str:
    region = item.region or "default Region"
    return f"{item.name} ({region}{', replica' if item.replica else ''})"


def _words(item: KeyCost) -> str:
    if item.month is None:
        return "no price known for this partition"
    if item.rotation_in_days is None:
        return f"{item.month:.2f} USD a month, no rotation"
    rotation = f"{item.month_at_most:.2f} after two rotations (every {item.rotation_in_days} days)"
    return f"{item.month:.2f} USD a month, {rotation}"


def _document(item: KeyCost) -> dict[str, object]:
    return {
        "name": item.name,
        "region": item.region,
        "replica": item.replica,
        "rotation_in_days": item.rotation_in_days,
        "month": item.month,
        "month_at_most": item.month_at_most,
    }
