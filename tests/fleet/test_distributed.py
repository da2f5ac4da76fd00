"""A real Dask cluster on this machine does the work: it loses no account, makes no key twice, and holds by TLS."""

from __future__ import annotations

import itertools
import os
import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from dask_clusters import cluster_of
from distributed import Client, LocalCluster
from distributed.security import Security

from aws_directly import Aws
from command_line import Keywright
from keywright._internal import extras
from keywright._internal.aws import Cloud, Settings
from keywright._internal.cli.estate.progress import ScanProgress
from keywright._internal.estate.estate_file import EstateFile
from keywright._internal.estate.scan import AccountToScan, Scan, ScanOptions
from keywright._internal.fleet import distributed
from keywright._internal.fleet.account_work import AccountTask, ApplyKeys, work_on
from keywright._internal.fleet.distributed import ClusterUnusable, check_scheduler
from keywright._internal.fleet.executors import Workers
from keywright._internal.fleet.scan_work import ScanTask, scan_account, scan_by
from keywright._internal.model.account_targets import Deployment
from keywright._internal.model.key import Key
from keywright._internal.model.stack import Stack
from keywright._internal.sandbox import Sandbox
from keywright.errors import ExtraMissing, KeywrightError

SECRET = "TheSecretOfTheOneWhoRunsTheCommand"
REGION = "eu-west-1"


@pytest.fixture
def accounts(account: str) -> tuple[str, ...]:
    return tuple(f"{digit}{account[1:]}" for digit in "567")


@pytest.fixture
def file(keywright: Keywright, accounts: tuple[str, ...]) -> Path:
    path = keywright.directory / "keys.yaml"
    path.write_text(
        f"stack: fleet\nregion: {REGION}\ntargets: [{{accounts: {list(accounts)}, role: keywright}}]\n"
        "keys: {app: {aliases: [app]}}\n".replace("'", '"')
    )
    return path


def test_the_workers_do_the_work_each_with_its_own_credentials(
    cluster: LocalCluster, file: Path, accounts: tuple[str, ...], keywright: Keywright, sandbox: Sandbox, account: str
) -> None:
    address = cluster.scheduler_address
    own = dict(sandbox.calls(account))
    run = keywright.run("apply", file, "--yes", "--json", "--scheduler", address, AWS_SECRET_ACCESS_KEY=SECRET)
    assert [item["exit_code"] for item in run.succeeded().document["accounts"]] == [0] * 3
    for number in accounts:
        assert list(Aws(sandbox.endpoint_url, number).aliases(REGION)) == ["alias/app"]
    made = {name: count - own.get(name, 0) for name, count in sandbox.calls(account).items()}
    assert {name for name, count in made.items() if count} == {"sts:GetCallerIdentity"}
    again = keywright.run("plan", file, "--detailed-exitcode", "--scheduler", address)
    assert "No changes." in again.succeeded().out


def test_a_task_holds_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    stack = Stack(name="s", keys={"app": Key()})
    task = AccountTask(ApplyKeys(), Deployment("111122223333", "aws", None, None, {}), stack)
    assert SECRET.encode() not in pickle.dumps(task)
    assert pickle.loads(pickle.dumps(task)) == task


def test_a_worker_that_is_killed_costs_a_retry_and_never_a_second_key(
    cluster: LocalCluster, file: Path, accounts: tuple[str, ...], keywright: Keywright, sandbox: Sandbox
) -> None:
    seen = [Aws(sandbox.endpoint_url, number) for number in accounts]
    with Client(cluster.scheduler_address, set_as_default=False) as client:
        pids = sorted(client.run(os.getpid).values())
        running = keywright.start("apply", file, "--yes", "--json", "--scheduler", cluster.scheduler_address)
        while not any(aws.keys(REGION) for aws in seen):
            pass
        os.kill(pids[0], signal.SIGKILL)
        run = running.wait()
        client.wait_for_workers(2)
    assert [item["exit_code"] for item in run.succeeded().document["accounts"]] == [0] * 3, run.err
    assert [len(aws.live(REGION)) for aws in seen] == [1] * 3
    keywright.run("plan", file, "--detailed-exitcode").succeeded()


def test_ctrl_c_twice_says_what_the_workers_still_finish_and_the_same_command_converges(
    cluster: LocalCluster, file: Path, accounts: tuple[str, ...], keywright: Keywright, sandbox: Sandbox
) -> None:
    file.write_text(file.read_text().replace("{app: {aliases: [app]}}", str({key: {} for key in "abcdefgh"})))
    line = ("apply", file, "--yes", "--scheduler", cluster.scheduler_address)
    running = keywright.start(*line)
    seen = [Aws(sandbox.endpoint_url, number) for number in accounts]
    while not any(aws.keys(REGION) for aws in seen):
        pass
    os.kill(running.pid, signal.SIGINT)
    while "press Ctrl-C again" not in running.err:
        pass
    os.kill(running.pid, signal.SIGINT)
    stopped = running.wait()
    assert stopped.code == 130
    assert "the workers finish what they have begun in" in stopped.err
    assert "run the same command again" in stopped.err
    assert "Traceback" not in stopped.err
    keywright.run(*line).succeeded()
    assert [len(aws.live(REGION)) for aws in seen] == [8] * 3


def test_a_worker_of_another_version_is_refused_before_anything_begins(
    cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distributed, "version", lambda _name: "9.9")
    with (
        pytest.raises(ClusterUnusable, match=r"has Keywright [0-9.]+, and this machine 9\.9"),
        distributed.cluster_workers(cluster.scheduler_address),
    ):
        pass


def test_a_worker_that_joins_later_with_another_version_does_nothing() -> None:
    stack = Stack(name="s", keys={"app": Key()})
    task = AccountTask(ApplyKeys(), Deployment("111122223333", "aws", None, None, {}), stack, version="0.0.1")
    result = work_on(task)
    assert result.exit_code == 2
    assert result.error is not None
    assert "the command 0.0.1" in result.error["message"]


def test_a_worker_of_another_account_does_not_scan_its_own_in_place_of_the_commands(
    account: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in sandbox.environment(account).items():
        monkeypatch.setenv(name, value)
    task = ScanTask(AccountToScan("111122223333", "aws"), ScanOptions(), None, account)
    with pytest.raises(KeywrightError, match=f"credentials are of {account}, not 111122223333"):
        scan_account(task)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "tls://127.0.0.1:9"])
def test_a_scheduler_that_is_not_there_is_an_error_with_its_address(
    file: Path, keywright: Keywright, address: str
) -> None:
    run = keywright.run("plan", file, "--scheduler", address)
    assert run.code == 2
    assert f"the scheduler `{address}` can't be reached" in run.err
    assert "Traceback" not in run.err


def test_a_cluster_without_workers_is_an_error_that_says_how_to_start_some() -> None:
    with (
        cluster_of(0, {}) as empty,
        pytest.raises(ClusterUnusable, match="has no workers"),
        distributed.cluster_workers(empty.scheduler_address),
    ):
        pass


def test_without_the_extra_the_command_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda _name: None)
    with pytest.raises(ExtraMissing, match="install the extra `distributed`"):
        check_scheduler("tls://scheduler:8786")


class Authority:
    """A certificate authority, and what it certifies."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.certificate = folder / f"{name}.pem"
        self._write(self.certificate, self._signed(self._name, self._key, authority=True))

    def certify(self, name: str) -> tuple[Path, Path]:
        """A certificate for this machine, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        certificate, secret = self._folder / f"{name}.pem", self._folder / f"{name}.key"
        self._write(certificate, self._signed(subject, key, authority=False))
        form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        secret.write_bytes(key.private_bytes(*form))
        return certificate, secret

    def _signed(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, authority: bool) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .sign(self._key, hashes.SHA256())
        )

    @staticmethod
    def _write(path: Path, certificate: x509.Certificate) -> None:
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


def dask_settings(authority: Authority, certificate: Path, key: Path) -> dict[str, str]:
    """Dask's own configuration, as docs/many-accounts.md has it."""
    prefix = "DASK_DISTRIBUTED__COMM__TLS__"
    return {
        f"{prefix}CA_FILE": str(authority.certificate),
        f"{prefix}CLIENT__CERT": str(certificate),
        f"{prefix}CLIENT__KEY": str(key),
    }


def test_by_tls_only_a_client_with_a_certificate_of_the_same_authority_is_served(
    environment: dict[str, str], file: Path, accounts: tuple[str, ...], keywright: Keywright, tmp_path: Path
) -> None:
    authority, stranger = Authority(tmp_path, "authority"), Authority(tmp_path, "stranger")
    certificate, key = authority.certify("cluster")
    roles = {f"tls_{role}_{kind}": str(path) for role in ("scheduler", "worker", "client")
             for kind, path in (("cert", certificate), ("key", key))}  # fmt: skip
    security = Security(tls_ca_file=str(authority.certificate), require_encryption=True, **roles)
    with cluster_of(1, environment, security=security, protocol="tls://") as cluster:
        assert cluster.scheduler_address.startswith("tls://")
        ask = ("plan", file, "--account", accounts[0], "--scheduler", cluster.scheduler_address)
        served = keywright.run(*ask, **dask_settings(authority, *authority.certify("operator")))
        refused = keywright.run(*ask, **dask_settings(stranger, *stranger.certify("intruder")))
        bare = keywright.run(*ask)
    assert "1 to create" in served.succeeded().out
    for run in (refused, bare):
        assert run.code == 2
        assert "error[cluster-unusable]" in run.err
        assert "Traceback" not in run.err


def test_policies_proved_by_workers_are_those_proved_here(
    cluster: LocalCluster, file: Path, keywright: Keywright
) -> None:
    file.write_text(file.read_text().replace("aliases: [app]", "claims: ['nobody can [kms:Decrypt]']"))
    here = keywright.run("policy", "check", file, "--json", "--no-cache")
    there = keywright.run("policy", "check", file, "--json", "--scheduler", cluster.scheduler_address)
    assert here.document == there.document
    assert [item["claims"][-1]["verdict"] for item in there.document["policies"]] == ["REFUTED"] * 3


def test_a_scan_by_workers_is_the_scan_by_this_machine(
    cluster: LocalCluster, file: Path, accounts: tuple[str, ...], keywright: Keywright, sandbox: Sandbox
) -> None:
    for number in accounts:
        sandbox.enable_regions(number, [REGION, "us-east-1"])
        Aws(sandbox.endpoint_url, number).kms("CreateKey", REGION)
    found = []
    for name, options in (("here", ()), ("there", ("--scheduler", cluster.scheduler_address))):
        run = keywright.run("scan", "--targets", file, "--json", "--iam", "--out", f"{name}.db", *options)
        assert run.code == 1, run.err
        document = run.document
        del document["scanned"]["started_at"], document["scanned"]["finished_at"]
        document["calls"].pop("GetCallerIdentity")
        found.append(document)
    assert found[1]["not_read"] == []
    assert found[0] == found[1]
    assert found[1]["calls"]["AssumeRole"] == len(accounts)


def test_a_scan_goes_on_with_workers_where_one_on_this_machine_was_stopped(
    cluster: LocalCluster, file: Path, accounts: tuple[str, ...], keywright: Keywright, sandbox: Sandbox
) -> None:
    for number in accounts:
        sandbox.enable_regions(number, [REGION])
        Aws(sandbox.endpoint_url, number).kms("CreateKey", REGION)
    sandbox.refuse("DescribeKey", account=accounts[0])
    first = keywright.run("scan", "--targets", file, "--json", "--out", "estate.db")
    assert first.code == 2
    options = ("--resume", "--out", "estate.db", "--scheduler", cluster.scheduler_address)
    again = keywright.run("scan", "--json", *options)
    assert again.code == 2, again.err
    assert {item["account"] for item in again.document["keys"]} == set(accounts)
    assert {item["account"] for item in again.document["not_read"]} == {accounts[0]}
    assert again.document["calls"]["GetKeyPolicy"] == len(accounts) + 1


def test_a_scan_that_is_killed_has_every_account_that_was_finished(
    accounts: tuple[str, ...], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in sandbox.environment().items():
        monkeypatch.setenv(name, value)
    for number in accounts:
        sandbox.enable_regions(number, [REGION])
        Aws(sandbox.endpoint_url, number).kms("CreateKey", REGION)
    named = [AccountToScan(number, "aws", f"arn:aws:iam::{number}:role/keywright") for number in accounts]
    path, through = tmp_path / "estate.db", itertools.count(1)

    def killed() -> None:
        if next(through) == 2:
            raise SystemExit

    with ThreadPoolExecutor(1) as pool, EstateFile.create(path, {}) as file, pytest.raises(SystemExit):
        scan_by(Workers(pool, 1), Scan(Cloud(Settings()), file, ScanOptions(), ScanProgress()), named, None, killed)
    with EstateFile.resume(path, {}) as file:
        assert [file.is_done(number) for number in accounts] == [True, True, False]
        with ThreadPoolExecutor(1) as pool:
            scan = Scan(Cloud(Settings()), file, ScanOptions(), ScanProgress())
            scan_by(Workers(pool, 1), scan, named, None, lambda: None)
        assert file.key_count() == len(accounts)
        assert file.calls()["GetKeyPolicy"] == 1
