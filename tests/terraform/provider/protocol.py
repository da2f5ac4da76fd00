"""Terraform's plugin protocol, version 6, over the kinds of `resources.py`: plans as the real provider's SDK does."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any

import schema
import validators
from cloud import Cloud
from data import DATA_SOURCES
from msgpack.ext import ExtType
from resources import RESOURCES, Refused
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc
from tf.types import Unknown
from tf.utils import read_dynamic_value as read_with_refinements
from tf.utils import to_dynamic_value


def _reporting(response: Any) -> Callable[[Any], Any]:
    """Turn what a call of ours raises into a diagnostic of its response."""

    def decorate(method: Any) -> Any:
        @wraps(method)
        def wrapped(self: Servicer, request: Any, context: Any) -> Any:
            try:
                return method(self, request, context)
            except Refused as error:
                summary, detail, path = str(error), "", error.attribute
            except Exception as error:  # noqa: BLE001 - the engine shows it; a dead plugin would hide it
                summary, detail, path = f"{type(error).__name__}: {error}", traceback.format_exc(limit=4), None
            diagnostic = pb.Diagnostic(severity=pb.Diagnostic.ERROR, summary=summary, detail=detail)
            if path:
                diagnostic.attribute.steps.add(attribute_name=path)
            return response(diagnostics=[diagnostic])

        return wrapped

    return decorate


def read_dynamic_value(value: Any) -> Any:
    """A value of the protocol; what is unknown but for a refinement, such as that it is not null, is unknown."""
    return _without_refinements(read_with_refinements(value))


def _without_refinements(value: Any) -> Any:
    if isinstance(value, ExtType):
        return Unknown
    if isinstance(value, dict):
        return {name: _without_refinements(item) for name, item in value.items()}
    return [_without_refinements(item) for item in value] if isinstance(value, list) else value


class Servicer(rpc.ProviderServicer):
    """The protocol's server. It is made before the engine configures it."""

    def __init__(self, _application: None) -> None:
        self._cloud = Cloud({})

    def GetMetadata(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's names, here and below
        return pb.GetMetadata.Response(server_capabilities=self._capabilities())

    @staticmethod
    def _capabilities() -> Any:
        return pb.ServerCapabilities(get_provider_schema_optional=True)

    def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.GetProviderSchema.Response(
            provider=schema.message(schema.PROVIDER),
            resource_schemas={name: schema.message(body) for name, body in schema.RESOURCES.items()},
            data_source_schemas={name: schema.message(body) for name, body in schema.DATA_SOURCES.items()},
            server_capabilities=self._capabilities(),
        )

    def ValidateProviderConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.ValidateProviderConfig.Response()

    @_reporting(pb.ValidateResourceConfig.Response)
    def ValidateResourceConfig(self, request: Any, _context: Any) -> Any:  # noqa: N802
        response = pb.ValidateResourceConfig.Response()
        for name, message in validators.problems(request.type_name, read_dynamic_value(request.config)):
            diagnostic = response.diagnostics.add(severity=pb.Diagnostic.ERROR, summary=message)
            diagnostic.attribute.steps.add(attribute_name=name)
        return response

    def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.ValidateDataResourceConfig.Response()

    @_reporting(pb.UpgradeResourceState.Response)
    def UpgradeResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.UpgradeResourceState.Response(upgraded_state=to_dynamic_value(json.loads(request.raw_state.json)))

    @_reporting(pb.ConfigureProvider.Response)
    def ConfigureProvider(self, request: Any, _context: Any) -> Any:  # noqa: N802
        self._cloud = Cloud(read_dynamic_value(request.config))
        if self._cloud.region is None:
            raise Refused("invalid AWS Region: the provider's `region` is not set")
        return pb.ConfigureProvider.Response()

    @_reporting(pb.ReadResource.Response)
    def ReadResource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        known = read_dynamic_value(request.current_state)
        found = RESOURCES[request.type_name].read(self._cloud, known)
        return pb.ReadResource.Response(new_state=to_dynamic_value(found))

    @_reporting(pb.PlanResourceChange.Response)
    def PlanResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        kind = RESOURCES[request.type_name]
        configured = read_dynamic_value(request.config)
        proposed = read_dynamic_value(request.proposed_new_state)
        prior = read_dynamic_value(request.prior_state)
        if proposed is None:
            return pb.PlanResourceChange.Response(planned_state=request.proposed_new_state)
        planned = kind.plan(self._cloud, configured, prior, proposed)
        replaced = [] if prior is None else [name for name in kind.forces_new if prior[name] != planned[name]]
        return pb.PlanResourceChange.Response(
            planned_state=to_dynamic_value(planned),
            requires_replace=[
                pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)]) for name in replaced
            ],
            legacy_type_system=True,  # as the real one's SDK says: it may plan its own defaults
        )

    @_reporting(pb.ApplyResourceChange.Response)
    def ApplyResourceChange(self, request: Any, _context: Any) -> Any:  # noqa: N802
        kind = RESOURCES[request.type_name]
        prior = read_dynamic_value(request.prior_state)
        planned = read_dynamic_value(request.planned_state)
        if planned is None:
            kind.delete(self._cloud, prior)
            return pb.ApplyResourceChange.Response(new_state=request.planned_state)
        wanted = {name: None if value is Unknown else value for name, value in planned.items()}
        made = kind.create(self._cloud, wanted) if prior is None else kind.update(self._cloud, prior, wanted)
        found = kind.read(self._cloud, made)
        if found is None:
            raise Refused("the resource was not found right after it was written")
        # The real one's SDK lets a state differ from its plan in silence; here that is a failure.
        broken = [name for name, value in planned.items() if value is not Unknown and found[name] != value]
        if broken:
            raise Refused(f"planned {planned[broken[0]]!r}, but AWS says {found[broken[0]]!r}", broken[0])
        return pb.ApplyResourceChange.Response(new_state=to_dynamic_value(found), legacy_type_system=True)

    @_reporting(pb.ImportResourceState.Response)
    def ImportResourceState(self, request: Any, _context: Any) -> Any:  # noqa: N802
        kind = RESOURCES[request.type_name]
        empty = dict.fromkeys(schema.attributes(schema.RESOURCES[request.type_name]))
        nested = dict.fromkeys(schema.RESOURCES[request.type_name]["block"].get("block_types", {}))
        state = {**empty, **nested, **kind.imported(self._cloud, request.id)}
        return pb.ImportResourceState.Response(
            imported_resources=[
                pb.ImportResourceState.ImportedResource(
                    type_name=request.type_name,
                    state=to_dynamic_value(state),
                ),
            ],
        )

    @_reporting(pb.ReadDataSource.Response)
    def ReadDataSource(self, request: Any, _context: Any) -> Any:  # noqa: N802
        configured = read_dynamic_value(request.config)
        found = DATA_SOURCES[request.type_name](self._cloud, configured)
        return pb.ReadDataSource.Response(state=to_dynamic_value({**configured, **found}))

    def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
        return pb.StopProvider.Response()
