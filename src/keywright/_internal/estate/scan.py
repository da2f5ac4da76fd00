"""Reading every customer-managed key of accounts into a snapshot: five calls a key, one for an empty Region."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from keywright._internal.aws import AwsError, Cloud, Unsupported
from keywright._internal.estate.iam_file import put_iam, put_organization
from keywright._internal.estate.iam_import import organization_of, principals_of
from keywright._internal.estate.snapshot import NotRead, ScannedKey, rotates
from keywright._internal.facts.offerings import home_region, partition_of_region
from keywright._internal.model.key_location import KeyLocation
from keywright.errors import KeywrightError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from keywright._internal.aws import KeyService, LastUsage
    from keywright._internal.aws.accounts import AccountReading
    from keywright._internal.estate.estate_file import EstateFile
    from keywright._internal.estate.iam import IamPrincipal, Organization

T = TypeVar("T")

KEYS_AT_ONCE: Final = 16
ACCOUNTS_AT_ONCE: Final = 8


class Progress(Protocol):
    """Hears how far a scan is, from many threads."""

    def keys_found(self, count: int) -> None:
        """So many more keys have been listed."""

    def key_read(self) -> None:
        """One more key has been read, well or not."""


@dataclass(frozen=True, slots=True)
class AccountToScan:
    """An account, and the role that reaches it."""

    account: str
    partition: str
    role_arn: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What of each account is read.

    Args:
        regions: these alone; empty: every Region that the account has enabled.
        last_use: whether GetKeyLastUsage is asked, whose quota is five calls a second.
        iam: whether roles, users, their policies and the organization are read.
    """

    regions: tuple[str, ...] = ()
    last_use: bool = False
    iam: bool = False


@dataclass(frozen=True)
class Scan:
    """One run. A failure of one key, Region or account is written down, and costs no other."""

    cloud: Cloud
    file: EstateFile
    options: ScanOptions
    progress: Progress

    def run(self, accounts: Iterable[AccountToScan]) -> None:
        """Read the accounts; those that an earlier run has read are left out."""
        todo = [item for item in accounts if not self.file.is_done(item.account)]
        self.read(todo)
        self.finish(todo, self.cloud.calls)

    def read(self, accounts: Iterable[AccountToScan]) -> None:
        """Read accounts, and nothing that is above them."""
        with ThreadPoolExecutor(KEYS_AT_ONCE) as keys, ThreadPoolExecutor(ACCOUNTS_AT_ONCE) as each:
            list(each.map(lambda item: self._account(item, keys), accounts))

    def finish(self, accounts: Sequence[AccountToScan], calls: Mapping[str, int]) -> None:
        """Read the organization where it is wanted, and end the scan.

        Args:
            accounts: that were read in this run.
            calls: that were made for it.
        """
        if self.options.iam and accounts:
            self._organization(accounts[0].partition)
        self.file.put_calls(calls)
        self.file.put_finished()

    def _account(self, account: AccountToScan, pool: ThreadPoolExecutor) -> None:
        self.file.put_account(account.account, account.name, account.partition, account.role_arn)
        try:
            regions = self._regions(account)
            places = [KeyLocation(account.partition, account.account, region) for region in regions]
            listings = {pool.submit(self._list, account, place): place for place in places}
            reading: list[Future[None]] = []
            for listed in as_completed(listings):
                service = self.cloud.keys(listings[listed].region, account.role_arn)
                reading += [pool.submit(self._key, service, account, arn) for arn in listed.result()]
            for done in reading:
                done.result()
            if self.options.iam:
                self._iam(account)
            elif self.file.grantees(account.account):
                found = self._tried(account, "", "", "ListRoles", lambda: self._account_reading(account).identities())
                if found is not None:
                    self.file.put_identities(account.account, found)
            self.file.put_account_done(account.account)
        finally:
            if account.role_arn is not None:
                self.cloud.forget(account.role_arn)

    def _iam(self, account: AccountToScan) -> None:
        """The roles and users of an account, with their policies."""

        def read() -> tuple[IamPrincipal, ...]:
            return principals_of(self._account_reading(account).authorization_details())

        found = self._tried(account, "", "", "GetAccountAuthorizationDetails", read)
        if found is not None:
            put_iam(self.file, account.account, found)
            self.file.put_identities(account.account, [item.arn for item in found])

    def _organization(self, partition: str) -> None:
        """The organization, asked with the caller's own credentials."""
        own = AccountToScan(self.cloud.caller(region=home_region(partition)).account, partition)

        def read() -> tuple[Organization | None]:
            document = self._account_reading(own).organization()
            return (None if document is None else organization_of(document),)

        found = self._tried(own, "", "", "DescribeOrganization", read)
        if found is not None:
            put_organization(self.file, found[0])

    def _account_reading(self, account: AccountToScan) -> AccountReading:
        return self.cloud.account(account.role_arn, region=home_region(account.partition))

    def _regions(self, account: AccountToScan) -> tuple[str, ...]:
        """The Regions to read. Where AWS doesn't say which are enabled, all are tried."""
        if self.options.regions:
            return self.options.regions
        known = self.file.regions_to_read(account.account)
        if known is not None:
            return known
        try:
            regions = self._account_reading(account).regions()
        except KeywrightError as error:
            failed = _not_read(account.account, "", "", "DescribeRegions", error)
            self.file.put_not_read(failed)
            entered = failed.operation != _ENTERING
            every = (name for name, partition in partition_of_region().items() if partition == account.partition)
            return tuple(every) if entered else ()
        self.file.put_regions(account.account, regions)
        return regions

    def _list(self, account: AccountToScan, place: KeyLocation) -> tuple[str, ...]:
        """The keys of a Region that are still to be read."""
        if not self.file.is_listed(place.account, place.region):
            service = self.cloud.keys(place.region, account.role_arn)
            arns = self._tried(account, place.region, "", "ListKeys", service.key_arns)
            if arns is None:
                return ()
            # Where there is no key, no alias stands for one: KMS deletes the aliases of a key with it.
            aliases = self._tried(account, place.region, "", "ListAliases", service.aliases) if arns else ()
            self.file.put_listing(place, arns, aliases or ())
        arns = self.file.keys_to_read(place.account, place.region)
        self.progress.keys_found(len(arns))
        return arns

    def _key(self, service: KeyService, account: AccountToScan, arn: str) -> None:
        """One key: what can be read of it, and a line for each call that failed."""
        failures: list[NotRead] = []

        def tried(operation: str, read: Callable[[str], T]) -> T | None:
            try:
                return read(arn)
            except KeywrightError as error:
                failures.append(_not_read(account.account, service.region, arn, operation, error))
                return None

        location = KeyLocation.of_arn(arn)
        metadata = tried("DescribeKey", service.describe)
        if metadata is not None and metadata.manager == "AWS":
            key = ScannedKey(location, (), metadata)
        else:
            policy = tried("GetKeyPolicy", service.policy)
            rotation = tried("GetKeyRotationStatus", service.rotation) if rotates(metadata) else None
            tags = tried("ListResourceTags", service.tags)
            grants = tried("ListGrants", service.grants)
            last_use = tried("GetKeyLastUsage", partial(_last_use, service)) if self.options.last_use else None
            missing = frozenset(item.operation for item in failures)
            key = ScannedKey(
                location, (), metadata, policy, rotation, tags or {}, grants or (), last_use, missing
            )  # fmt: skip
        self.file.put_key(key, failures)
        self.progress.key_read()

    def _tried(self, account: AccountToScan, region: str, key: str, operation: str, read: Callable[[], T]) -> T | None:
        """What a call answers; None, and a line in the snapshot, where it fails."""
        try:
            return read()
        except KeywrightError as error:
            self.file.put_not_read(_not_read(account.account, region, key, operation, error))
            return None


_ENTERING: Final = "AssumeRole"


def _last_use(service: KeyService, arn: str) -> LastUsage:
    found = service.last_usage(arn)
    if found is None:
        raise Unsupported("the endpoint doesn't tell when keys were last used", "leave out --last-use")
    return found


def _not_read(account: str, region: str, key: str, operation: str, error: KeywrightError) -> NotRead:
    told = error.operation if isinstance(error, AwsError) and error.operation else operation
    if told == _ENTERING:  # of the whole account, whichever call met it first
        region = key = ""
    return NotRead(account, region, key, told, error.message)
