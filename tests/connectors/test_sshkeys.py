"""What people paste as a public key: each kind read as OpenSSH reads it, each mistake answered by name."""

import subprocess
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

from connectors import sshkeys
from connectors.sshkeys import KeyRefusedError

# Another one in every process: what is made of it is numbered in the tests' names.
PAIR = sshkeys.make_pair("export@shop")
LINE = PAIR.public.line
DATA = LINE.split()[1]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made by OpenSSH itself; the certificate by an authority of its own."""
    folder = tmp_path_factory.mktemp("keys")
    for name, kind in {
        "ed25519": ["-t", "ed25519"],
        "ecdsa256": ["-t", "ecdsa", "-b", "256"],
        "ecdsa384": ["-t", "ecdsa", "-b", "384"],
        "ecdsa521": ["-t", "ecdsa", "-b", "521"],
        "rsa2048": ["-t", "rsa", "-b", "2048"],
        "rsa3072": ["-t", "rsa", "-b", "3072"],
    }.items():
        _keygen(*kind, "-N", "", "-C", "nightly export", "-f", str(folder / name))
    _keygen("-s", str(folder / "ecdsa256"), "-I", "x", "-n", "y", str(folder / "ed25519.pub"))
    return folder


def _keygen(*arguments: str) -> str:
    return subprocess.run(
        ["ssh-keygen", "-q", *arguments], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize("name", ["ed25519", "ecdsa256", "ecdsa384", "ecdsa521", "rsa3072"])
def test_a_key_reads_as_openssh_prints_it(keys: Path, name: str) -> None:
    file = keys / f"{name}.pub"
    key = sshkeys.read(file.read_text())
    assert key.line == " ".join(file.read_text().split()[:2])
    assert key.comment == "nightly export"
    assert key.fingerprint == _keygen("-lf", str(file)).split()[1]


@pytest.mark.parametrize("name", ["ed25519", "ecdsa521", "rsa3072"])
@pytest.mark.parametrize("form", ["RFC4716", "PKCS8"])
def test_other_spellings_of_a_public_key_are_turned_into_the_usual_one(
    keys: Path, name: str, form: str
) -> None:
    if (name, form) == ("ed25519", "PKCS8"):
        key = load_ssh_private_key((keys / name).read_bytes(), None)
        text = (
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        )
    else:
        text = _keygen("-e", "-m", form, "-f", str(keys / f"{name}.pub"))
    assert sshkeys.read(text).line == " ".join((keys / f"{name}.pub").read_text().split()[:2])


@pytest.mark.parametrize(
    "text",
    [
        f"  {LINE}  ",
        f"{LINE}\r\n",
        f'"{LINE}"',
        f"{LINE} a comment of several words",
        f"{LINE[:40]}\n{LINE[40:]}",
        f"{LINE[:40]}\r\n{LINE[40:60]}\r\n{LINE[60:]}",
        f"ssh-ed25519\n{DATA}",
    ],
    ids=count(),
)
def test_blanks_quotes_and_broken_lines_are_mended(text: str) -> None:
    assert sshkeys.read(text).line == LINE


MISTAKES = {
    "": sshkeys.EMPTY,
    "   \n": sshkeys.EMPTY,
    PAIR.private: sshkeys.PRIVATE,
    f"my key:\n{PAIR.private}": sshkeys.PRIVATE,
    "-----BEGIN RSA PRIVATE KEY-----\nMIIE": sshkeys.PRIVATE,
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE": sshkeys.PRIVATE,
    "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n": sshkeys.PUTTY,
    "PuTTY-User-Key-File-2: ssh-rsa\nEncryption: aes256-cbc\n": sshkeys.PUTTY,
    f"{LINE}\n{LINE}": sshkeys.SEVERAL,
    f'command="ls" {LINE}': sshkeys.OPTIONS,
    f'from="10.0.0.0/8",no-pty {LINE}': sshkeys.OPTIONS,
    PAIR.public.fingerprint: sshkeys.FINGERPRINT,
    "MD5:" + ":".join(["0a"] * 16): sshkeys.FINGERPRINT,
    ":".join(["0a"] * 16): sshkeys.FINGERPRINT,
    "~/.ssh/id_ed25519.pub": sshkeys.FILE_NAME,
    "id_ed25519.pub": sshkeys.FILE_NAME,
    r"C:\keys\export.pub": sshkeys.FILE_NAME,
    LINE[:-8]: sshkeys.DAMAGED,
    "ssh-ed25519": sshkeys.DAMAGED,
    "ssh-ed25519 not-base64!": sshkeys.DAMAGED,
    f"ssh-rsa {DATA}": sshkeys.DAMAGED,
    f"{sshkeys.SSH2_BEGIN}\n{DATA}\n": sshkeys.DAMAGED,
    f"{sshkeys.SSH2_BEGIN}\n????\n{sshkeys.SSH2_END}": sshkeys.DAMAGED,
    "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----": sshkeys.DAMAGED,
    "ssh-dss AAAAB3NzaC1kc3MAAACBAP": sshkeys.DSA,
    "sk-ssh-ed25519@openssh.com AAAAGnNr": sshkeys.SECURITY_KEY,
    "ssh-ed448 AAAA": sshkeys.DAMAGED,
    "hello": sshkeys.UNKNOWN,
    DATA: sshkeys.UNKNOWN,
}


@pytest.mark.parametrize(("text", "answer"), MISTAKES.items(), ids=count())
def test_each_mistake_has_its_sentence(text: str, answer: object) -> None:
    with pytest.raises(KeyRefusedError) as refused:
        sshkeys.read(text)
    assert refused.value.text == answer


def test_a_certificate_is_told_from_a_key(keys: Path) -> None:
    with pytest.raises(KeyRefusedError) as refused:
        sshkeys.read((keys / "ed25519-cert.pub").read_text())
    assert refused.value.text == sshkeys.CERTIFICATE


def test_a_short_rsa_key_is_refused_with_its_length(keys: Path) -> None:
    with pytest.raises(KeyRefusedError, match="2048 bits; 3072 are needed"):
        sshkeys.read((keys / "rsa2048.pub").read_text())


def test_kinds_that_ssh_does_not_use_are_refused() -> None:
    for key in (
        dsa.generate_private_key(1024).public_key(),
        ec.generate_private_key(ec.SECP256K1()).public_key(),
    ):
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        with pytest.raises(KeyRefusedError) as refused:
            sshkeys.read(pem)
        assert refused.value.text == sshkeys.UNKNOWN


def test_a_refusal_repeats_nothing_of_what_was_pasted() -> None:
    key = rsa.generate_private_key(65537, 2048)
    text = key.private_bytes(
        Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
    ).decode()
    body = text.splitlines()[3]
    with pytest.raises(KeyRefusedError) as refused:
        sshkeys.read(text)
    error: BaseException | None = refused.value
    while error is not None:
        assert body not in repr(error)
        assert body not in str(error)
        error = error.__cause__ or error.__context__


def test_a_pair_that_was_made_belongs_together() -> None:
    private = load_ssh_private_key(PAIR.private.encode(), None)
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert public == LINE
    assert PAIR.private not in repr(PAIR)
    assert sshkeys.make_pair("x").public != PAIR.public
