SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE FUNCTION public.alias_is_no_model_id_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.alias)); IF EXISTS (SELECT 1 FROM registry_model WHERE model_id = NEW.alias) THEN RAISE EXCEPTION 'A model has this id.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.alias_is_no_model_id_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.alias)); IF EXISTS (SELECT 1 FROM registry_model WHERE model_id = NEW.alias) THEN RAISE EXCEPTION 'A model has this id.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.audit_event_never_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'Audit events cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.audit_event_never_goes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF 1 = 1 THEN RAISE EXCEPTION 'Audit events cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.blob_in_use_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_packagefile WHERE blob_id = OLD.sha256) THEN RAISE EXCEPTION 'A blob that a package uses cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.blob_never_changes() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (OLD.sha256 IS DISTINCT FROM NEW.sha256 OR OLD.md5 IS DISTINCT FROM NEW.md5 OR OLD.size IS DISTINCT FROM NEW.size) THEN RAISE EXCEPTION 'The digests and the size of a blob cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.dependency_one_level_deep_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('registry_modeldependency')); IF EXISTS (SELECT 1 FROM registry_modeldependency WHERE model_id = NEW.depends_on_id) OR EXISTS (SELECT 1 FROM registry_modeldependency WHERE depends_on_id = NEW.model_id) THEN RAISE EXCEPTION 'Dependencies are one level deep.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.dependency_one_level_deep_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext('registry_modeldependency')); IF EXISTS (SELECT 1 FROM registry_modeldependency WHERE model_id = NEW.depends_on_id) OR EXISTS (SELECT 1 FROM registry_modeldependency WHERE depends_on_id = NEW.model_id) THEN RAISE EXCEPTION 'Dependencies are one level deep.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_id_is_no_alias_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.model_id)); IF EXISTS (SELECT 1 FROM registry_modelalias WHERE alias = NEW.model_id) THEN RAISE EXCEPTION 'A model has this id as an alias.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_id_is_no_alias_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN PERFORM pg_advisory_xact_lock(hashtext(NEW.model_id)); IF EXISTS (SELECT 1 FROM registry_modelalias WHERE alias = NEW.model_id) THEN RAISE EXCEPTION 'A model has this id as an alias.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.model_identity_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (OLD.model_id IS DISTINCT FROM NEW.model_id OR OLD.architecture IS DISTINCT FROM NEW.architecture OR OLD.task_type IS DISTINCT FROM NEW.task_type) AND EXISTS (SELECT 1 FROM packages_app_package WHERE model_id = OLD.id AND state = 'published') THEN RAISE EXCEPTION 'The id, architecture and task of a model with published packages cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_file_frozen_on_delete() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = OLD.package_id AND state = 'published') THEN RAISE EXCEPTION 'The files of a published package cannot be deleted.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.package_file_frozen_on_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = NEW.package_id AND state IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'A published package takes no more files.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_file_frozen_on_update() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF EXISTS (SELECT 1 FROM packages_app_package WHERE id = OLD.package_id AND state IN ('published', 'withdrawn')) OR EXISTS (SELECT 1 FROM packages_app_package WHERE id = NEW.package_id AND state IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'The files of a published package cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_frozen() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF OLD.state IN ('published', 'withdrawn') AND ((OLD.id IS DISTINCT FROM NEW.id OR OLD.model_id IS DISTINCT FROM NEW.model_id OR OLD.package_id IS DISTINCT FROM NEW.package_id OR OLD.backend IS DISTINCT FROM NEW.backend OR OLD.quantization IS DISTINCT FROM NEW.quantization OR OLD.trusted IS DISTINCT FROM NEW.trusted OR OLD.notes IS DISTINCT FROM NEW.notes OR OLD.dynamic_batch_size IS DISTINCT FROM NEW.dynamic_batch_size OR OLD.static_batch_size IS DISTINCT FROM NEW.static_batch_size OR OLD.min_batch_size IS DISTINCT FROM NEW.min_batch_size OR OLD.opt_batch_size IS DISTINCT FROM NEW.opt_batch_size OR OLD.max_batch_size IS DISTINCT FROM NEW.max_batch_size OR OLD.opset IS DISTINCT FROM NEW.opset OR OLD.incompatible_providers IS DISTINCT FROM NEW.incompatible_providers OR OLD.cuda_device_type IS DISTINCT FROM NEW.cuda_device_type OR OLD.cuda_device_cc IS DISTINCT FROM NEW.cuda_device_cc OR OLD.cuda_version IS DISTINCT FROM NEW.cuda_version OR OLD.trt_version IS DISTINCT FROM NEW.trt_version OR OLD.same_cc_compatible IS DISTINCT FROM NEW.same_cc_compatible OR OLD.trt_forward_compatible IS DISTINCT FROM NEW.trt_forward_compatible OR OLD.trt_lean_runtime_excluded IS DISTINCT FROM NEW.trt_lean_runtime_excluded OR OLD.machine_type IS DISTINCT FROM NEW.machine_type OR OLD.driver_version IS DISTINCT FROM NEW.driver_version OR OLD.os_version IS DISTINCT FROM NEW.os_version OR OLD.l4t_version IS DISTINCT FROM NEW.l4t_version OR OLD.device_name IS DISTINCT FROM NEW.device_name OR OLD.supported_device_types IS DISTINCT FROM NEW.supported_device_types OR OLD.torch_version IS DISTINCT FROM NEW.torch_version OR OLD.torchvision_version IS DISTINCT FROM NEW.torchvision_version OR OLD.model_features IS DISTINCT FROM NEW.model_features OR OLD.recommended_parameters IS DISTINCT FROM NEW.recommended_parameters OR OLD.memory_profile IS DISTINCT FROM NEW.memory_profile OR OLD.inspection IS DISTINCT FROM NEW.inspection OR OLD.quarantine_reason IS DISTINCT FROM NEW.quarantine_reason OR OLD.created_at IS DISTINCT FROM NEW.created_at OR OLD.created_by IS DISTINCT FROM NEW.created_by OR OLD.published_at IS DISTINCT FROM NEW.published_at OR OLD.published_by IS DISTINCT FROM NEW.published_by) OR (OLD.state = 'published' AND NEW.state NOT IN ('published', 'withdrawn')) OR (OLD.state = 'published' AND NEW.state = 'published' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.withdrawal_reason IS DISTINCT FROM NEW.withdrawal_reason OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at OR OLD.withdrawn_by IS DISTINCT FROM NEW.withdrawn_by)) OR (OLD.state = 'withdrawn' AND (OLD.state IS DISTINCT FROM NEW.state OR OLD.withdrawal_reason IS DISTINCT FROM NEW.withdrawal_reason OR OLD.withdrawn_at IS DISTINCT FROM NEW.withdrawn_at OR OLD.withdrawn_by IS DISTINCT FROM NEW.withdrawn_by))) THEN RAISE EXCEPTION 'A published package cannot be changed.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_published_from_ready() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF (NEW.state = 'published' AND OLD.state NOT IN ('ready', 'published')) OR (NEW.state = 'withdrawn' AND OLD.state NOT IN ('published', 'withdrawn')) THEN RAISE EXCEPTION 'Only a ready package can be published, and only a published one withdrawn.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
CREATE FUNCTION public.package_published_stays() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF OLD.state = 'published' THEN RAISE EXCEPTION 'A published package cannot be deleted; withdraw it first.' USING ERRCODE = 'check_violation'; END IF; RETURN OLD; END $$;
CREATE FUNCTION public.package_starts_unpublished() RETURNS trigger
    LANGUAGE plpgsql
    AS $$ BEGIN IF NEW.state IN ('published', 'withdrawn') THEN RAISE EXCEPTION 'A package is published by publishing it, not by inserting it.' USING ERRCODE = 'check_violation'; END IF; RETURN NEW; END $$;
SET default_tablespace = '';
SET default_table_access_method = heap;
CREATE TABLE public.auth_group (
    id integer NOT NULL,
    name character varying(150) NOT NULL
);
ALTER TABLE public.auth_group ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_group_permissions (
    id bigint NOT NULL,
    group_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_group_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_group_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_permission (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    content_type_id integer NOT NULL,
    codename character varying(100) NOT NULL
);
ALTER TABLE public.auth_permission ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_permission_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user (
    id integer NOT NULL,
    password character varying(128) NOT NULL,
    last_login timestamp with time zone,
    is_superuser boolean NOT NULL,
    username character varying(150) NOT NULL,
    first_name character varying(150) NOT NULL,
    last_name character varying(150) NOT NULL,
    email character varying(254) NOT NULL,
    is_staff boolean NOT NULL,
    is_active boolean NOT NULL,
    date_joined timestamp with time zone NOT NULL
);
CREATE TABLE public.auth_user_groups (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    group_id integer NOT NULL
);
ALTER TABLE public.auth_user_groups ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_groups_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE public.auth_user ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.auth_user_user_permissions (
    id bigint NOT NULL,
    user_id integer NOT NULL,
    permission_id integer NOT NULL
);
ALTER TABLE public.auth_user_user_permissions ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.auth_user_user_permissions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_admin_log (
    id integer NOT NULL,
    action_time timestamp with time zone NOT NULL,
    object_id text,
    object_repr character varying(200) NOT NULL,
    action_flag smallint NOT NULL,
    change_message text NOT NULL,
    content_type_id integer,
    user_id integer NOT NULL,
    CONSTRAINT django_admin_log_action_flag_check CHECK ((action_flag >= 0))
);
ALTER TABLE public.django_admin_log ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_admin_log_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_content_type (
    id integer NOT NULL,
    app_label character varying(100) NOT NULL,
    model character varying(100) NOT NULL
);
ALTER TABLE public.django_content_type ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_content_type_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_migrations (
    id bigint NOT NULL,
    app character varying(255) NOT NULL,
    name character varying(255) NOT NULL,
    applied timestamp with time zone NOT NULL
);
ALTER TABLE public.django_migrations ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.django_migrations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.django_session (
    session_key character varying(40) NOT NULL,
    session_data text NOT NULL,
    expire_date timestamp with time zone NOT NULL
);
CREATE TABLE public.inference_app_machinerecord (
    id bigint NOT NULL,
    slug character varying(64) NOT NULL,
    title character varying(200) NOT NULL,
    environment jsonb NOT NULL,
    dated date,
    source character varying(1000) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT machine_environment_described CHECK ((environment ?& '{gpu_devices,available_onnx_execution_providers}'::text[])),
    CONSTRAINT machine_name_lower_case CHECK (((slug)::text = lower((slug)::text))),
    CONSTRAINT machine_name_not_blank CHECK ((NOT ((slug)::text = ''::text))),
    CONSTRAINT machine_name_not_this_server CHECK ((NOT ((slug)::text = 'this-server'::text))),
    CONSTRAINT machine_title_not_blank CHECK ((NOT ((title)::text = ''::text)))
);
ALTER TABLE public.inference_app_machinerecord ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.inference_app_machinerecord_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_blob (
    sha256 character varying(64) NOT NULL,
    md5 character varying(32) NOT NULL,
    size bigint NOT NULL,
    received_at timestamp with time zone NOT NULL,
    CONSTRAINT blob_md5_length CHECK ((length((md5)::text) = 32)),
    CONSTRAINT blob_md5_lower_case CHECK (((md5)::text = lower((md5)::text))),
    CONSTRAINT blob_sha256_length CHECK ((length((sha256)::text) = 64)),
    CONSTRAINT blob_sha256_lower_case CHECK (((sha256)::text = lower((sha256)::text))),
    CONSTRAINT blob_size_not_negative CHECK ((size >= 0))
);
CREATE TABLE public.packages_app_package (
    id bigint NOT NULL,
    state character varying(12) NOT NULL,
    package_id character varying(32) NOT NULL,
    backend character varying(12) NOT NULL,
    quantization character varying(7) NOT NULL,
    trusted boolean NOT NULL,
    notes character varying(255) NOT NULL,
    dynamic_batch_size boolean NOT NULL,
    static_batch_size integer,
    min_batch_size integer,
    opt_batch_size integer,
    max_batch_size integer,
    opset integer,
    incompatible_providers jsonb,
    cuda_device_type character varying(120) NOT NULL,
    cuda_device_cc character varying(40) NOT NULL,
    cuda_version character varying(40) NOT NULL,
    trt_version character varying(40) NOT NULL,
    same_cc_compatible boolean NOT NULL,
    trt_forward_compatible boolean NOT NULL,
    trt_lean_runtime_excluded boolean NOT NULL,
    machine_type character varying(12) NOT NULL,
    driver_version character varying(40) NOT NULL,
    os_version character varying(80) NOT NULL,
    l4t_version character varying(40) NOT NULL,
    device_name character varying(120) NOT NULL,
    supported_device_types jsonb,
    torch_version character varying(40) NOT NULL,
    torchvision_version character varying(40) NOT NULL,
    model_features jsonb,
    recommended_parameters jsonb,
    memory_profile jsonb,
    inspection jsonb NOT NULL,
    quarantine_reason character varying(500) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    created_by character varying(255) NOT NULL,
    published_at timestamp with time zone,
    published_by character varying(255) NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by character varying(255) NOT NULL,
    withdrawal_reason character varying(500) NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT package_backend_known CHECK (((backend)::text = ANY ((ARRAY['onnx'::character varying, 'trt'::character varying, 'torch'::character varying, 'hugging-face'::character varying, 'torch-script'::character varying, 'ultralytics'::character varying, 'coreml'::character varying, 'mediapipe'::character varying])::text[]))),
    CONSTRAINT package_batch_dynamic_or_static CHECK (((NOT dynamic_batch_size) OR (static_batch_size IS NULL))),
    CONSTRAINT package_batch_known_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR ((backend)::text = ANY ((ARRAY['hugging-face'::character varying, 'ultralytics'::character varying, 'mediapipe'::character varying])::text[])) OR dynamic_batch_size OR (static_batch_size IS NOT NULL))),
    CONSTRAINT package_id_from_publication_on CHECK ((((length((package_id)::text) = 32) AND ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) OR ((NOT ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) AND ((package_id)::text = ''::text)))),
    CONSTRAINT package_id_lower_case CHECK (((package_id)::text = lower((package_id)::text))),
    CONSTRAINT package_onnx_opset_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'onnx'::text)) OR (opset IS NOT NULL))),
    CONSTRAINT package_published_at_known CHECK (((NOT ((state)::text = ANY ((ARRAY['published'::character varying, 'withdrawn'::character varying])::text[]))) OR (published_at IS NOT NULL))),
    CONSTRAINT package_quantization_known CHECK (((quantization)::text = ANY ((ARRAY['fp32'::character varying, 'fp16'::character varying, 'bf16'::character varying, 'int8'::character varying, 'unknown'::character varying])::text[]))),
    CONSTRAINT package_state_known CHECK (((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'ready'::character varying, 'published'::character varying, 'withdrawn'::character varying, 'quarantined'::character varying])::text[]))),
    CONSTRAINT package_static_batch_positive CHECK (((static_batch_size IS NULL) OR (static_batch_size > 0))),
    CONSTRAINT package_torch_script_details_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'torch-script'::text)) OR ((supported_device_types IS NOT NULL) AND (NOT ((torch_version)::text = ''::text))))),
    CONSTRAINT package_trt_details_when_ready CHECK ((((state)::text = ANY ((ARRAY['draft'::character varying, 'inspecting'::character varying, 'quarantined'::character varying])::text[])) OR (NOT ((backend)::text = 'trt'::text)) OR ((NOT ((cuda_device_type)::text = ''::text)) AND (NOT ((cuda_device_cc)::text = ''::text)) AND (NOT ((cuda_version)::text = ''::text)) AND (NOT ((trt_version)::text = ''::text)) AND ((machine_type)::text = ANY ((ARRAY['gpu-server'::character varying, 'jetson'::character varying])::text[])) AND (NOT ((driver_version)::text = ''::text)) AND ((((machine_type)::text = 'gpu-server'::text) AND (NOT ((os_version)::text = ''::text))) OR (((machine_type)::text = 'jetson'::text) AND (NOT ((l4t_version)::text = ''::text)) AND (NOT ((device_name)::text = ''::text)))) AND ((NOT dynamic_batch_size) OR ((max_batch_size IS NOT NULL) AND (min_batch_size IS NOT NULL) AND (opt_batch_size IS NOT NULL)))))),
    CONSTRAINT package_withdrawn_at_with_state CHECK (((((state)::text = 'withdrawn'::text) AND (withdrawn_at IS NOT NULL)) OR ((NOT ((state)::text = 'withdrawn'::text)) AND (withdrawn_at IS NULL)))),
    CONSTRAINT packages_app_package_max_batch_size_check CHECK ((max_batch_size >= 0)),
    CONSTRAINT packages_app_package_min_batch_size_check CHECK ((min_batch_size >= 0)),
    CONSTRAINT packages_app_package_opset_check CHECK ((opset >= 0)),
    CONSTRAINT packages_app_package_opt_batch_size_check CHECK ((opt_batch_size >= 0)),
    CONSTRAINT packages_app_package_static_batch_size_check CHECK ((static_batch_size >= 0))
);
ALTER TABLE public.packages_app_package ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_package_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagebenchmark (
    id bigint NOT NULL,
    environment_fingerprint character varying(64) NOT NULL,
    environment jsonb NOT NULL,
    figures jsonb NOT NULL,
    measured_at timestamp with time zone NOT NULL,
    package_id bigint NOT NULL
);
ALTER TABLE public.packages_app_packagebenchmark ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagebenchmark_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagefailure (
    id bigint NOT NULL,
    reason character varying(500) NOT NULL,
    strikes integer NOT NULL,
    set_aside_at timestamp with time zone NOT NULL,
    package_id bigint NOT NULL,
    CONSTRAINT packages_app_packagefailure_strikes_check CHECK ((strikes >= 0))
);
ALTER TABLE public.packages_app_packagefailure ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagefailure_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.packages_app_packagefile (
    id bigint NOT NULL,
    handle character varying(1024) NOT NULL,
    blob_id character varying(64) NOT NULL,
    package_id bigint NOT NULL,
    CONSTRAINT package_file_handle_not_blank CHECK ((NOT ((handle)::text = ''::text)))
);
ALTER TABLE public.packages_app_packagefile ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.packages_app_packagefile_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_accesstoken (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    prefix character varying(10) NOT NULL,
    digest character varying(64) NOT NULL,
    can_read boolean NOT NULL,
    can_infer boolean NOT NULL,
    can_publish boolean NOT NULL,
    can_trust boolean NOT NULL,
    can_admin boolean NOT NULL,
    expires_at timestamp with time zone,
    requests_per_minute integer,
    revoked_at timestamp with time zone,
    last_used_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    created_by_id integer,
    workspace_id bigint NOT NULL,
    CONSTRAINT registry_accesstoken_requests_per_minute_check CHECK ((requests_per_minute >= 0)),
    CONSTRAINT token_digest_length CHECK ((length((digest)::text) = 64)),
    CONSTRAINT token_has_a_scope CHECK ((can_read OR can_infer OR can_publish OR can_trust OR can_admin)),
    CONSTRAINT token_prefix_length CHECK ((length((prefix)::text) = 10))
);
ALTER TABLE public.registry_accesstoken ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_accesstoken_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_auditevent (
    id bigint NOT NULL,
    created_at timestamp with time zone NOT NULL,
    actor character varying(255) NOT NULL,
    action character varying(60) NOT NULL,
    subject character varying(320) NOT NULL,
    details jsonb NOT NULL,
    request_id character varying(64) NOT NULL,
    user_id integer,
    workspace_id bigint
);
ALTER TABLE public.registry_auditevent ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_auditevent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_membership (
    id bigint NOT NULL,
    role character varying(10) NOT NULL,
    user_id integer NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT membership_role_known CHECK (((role)::text = ANY ((ARRAY['viewer'::character varying, 'curator'::character varying, 'admin'::character varying])::text[])))
);
ALTER TABLE public.registry_membership ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_membership_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_model (
    id bigint NOT NULL,
    model_id character varying(255) NOT NULL,
    architecture character varying(120) NOT NULL,
    task_type character varying(120) NOT NULL,
    variant character varying(120) NOT NULL,
    class_names jsonb NOT NULL,
    recommended_parameters jsonb,
    is_public boolean NOT NULL,
    notes text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    workspace_id bigint NOT NULL,
    CONSTRAINT model_architecture_not_blank CHECK ((NOT ((architecture)::text = ''::text))),
    CONSTRAINT model_id_not_blank CHECK ((NOT ((model_id)::text = ''::text))),
    CONSTRAINT model_task_type_not_blank CHECK ((NOT ((task_type)::text = ''::text)))
);
ALTER TABLE public.registry_model ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_model_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_modelalias (
    id bigint NOT NULL,
    alias character varying(255) NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT alias_not_blank CHECK ((NOT ((alias)::text = ''::text)))
);
ALTER TABLE public.registry_modelalias ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_modelalias_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_modeldependency (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    pinned_package_id character varying(32) NOT NULL,
    depends_on_id bigint NOT NULL,
    model_id bigint NOT NULL,
    CONSTRAINT dependency_not_itself CHECK ((NOT (model_id = depends_on_id)))
);
ALTER TABLE public.registry_modeldependency ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_modeldependency_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.registry_workspace (
    id bigint NOT NULL,
    name character varying(120) NOT NULL,
    slug character varying(60) NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT workspace_name_not_blank CHECK ((NOT ((name)::text = ''::text))),
    CONSTRAINT workspace_slug_not_blank CHECK ((NOT ((slug)::text = ''::text)))
);
ALTER TABLE public.registry_workspace ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.registry_workspace_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
INSERT INTO public.auth_permission VALUES (1, 'Can add log entry', 1, 'add_logentry');
INSERT INTO public.auth_permission VALUES (2, 'Can change log entry', 1, 'change_logentry');
INSERT INTO public.auth_permission VALUES (3, 'Can delete log entry', 1, 'delete_logentry');
INSERT INTO public.auth_permission VALUES (4, 'Can view log entry', 1, 'view_logentry');
INSERT INTO public.auth_permission VALUES (5, 'Can add permission', 2, 'add_permission');
INSERT INTO public.auth_permission VALUES (6, 'Can change permission', 2, 'change_permission');
INSERT INTO public.auth_permission VALUES (7, 'Can delete permission', 2, 'delete_permission');
INSERT INTO public.auth_permission VALUES (8, 'Can view permission', 2, 'view_permission');
INSERT INTO public.auth_permission VALUES (9, 'Can add group', 3, 'add_group');
INSERT INTO public.auth_permission VALUES (10, 'Can change group', 3, 'change_group');
INSERT INTO public.auth_permission VALUES (11, 'Can delete group', 3, 'delete_group');
INSERT INTO public.auth_permission VALUES (12, 'Can view group', 3, 'view_group');
INSERT INTO public.auth_permission VALUES (13, 'Can add user', 4, 'add_user');
INSERT INTO public.auth_permission VALUES (14, 'Can change user', 4, 'change_user');
INSERT INTO public.auth_permission VALUES (15, 'Can delete user', 4, 'delete_user');
INSERT INTO public.auth_permission VALUES (16, 'Can view user', 4, 'view_user');
INSERT INTO public.auth_permission VALUES (17, 'Can add content type', 5, 'add_contenttype');
INSERT INTO public.auth_permission VALUES (18, 'Can change content type', 5, 'change_contenttype');
INSERT INTO public.auth_permission VALUES (19, 'Can delete content type', 5, 'delete_contenttype');
INSERT INTO public.auth_permission VALUES (20, 'Can view content type', 5, 'view_contenttype');
INSERT INTO public.auth_permission VALUES (21, 'Can add session', 6, 'add_session');
INSERT INTO public.auth_permission VALUES (22, 'Can change session', 6, 'change_session');
INSERT INTO public.auth_permission VALUES (23, 'Can delete session', 6, 'delete_session');
INSERT INTO public.auth_permission VALUES (24, 'Can view session', 6, 'view_session');
INSERT INTO public.auth_permission VALUES (25, 'Can add membership', 7, 'add_membership');
INSERT INTO public.auth_permission VALUES (26, 'Can change membership', 7, 'change_membership');
INSERT INTO public.auth_permission VALUES (27, 'Can delete membership', 7, 'delete_membership');
INSERT INTO public.auth_permission VALUES (28, 'Can view membership', 7, 'view_membership');
INSERT INTO public.auth_permission VALUES (29, 'Can add workspace', 8, 'add_workspace');
INSERT INTO public.auth_permission VALUES (30, 'Can change workspace', 8, 'change_workspace');
INSERT INTO public.auth_permission VALUES (31, 'Can delete workspace', 8, 'delete_workspace');
INSERT INTO public.auth_permission VALUES (32, 'Can view workspace', 8, 'view_workspace');
INSERT INTO public.auth_permission VALUES (33, 'Can add model', 9, 'add_model');
INSERT INTO public.auth_permission VALUES (34, 'Can change model', 9, 'change_model');
INSERT INTO public.auth_permission VALUES (35, 'Can delete model', 9, 'delete_model');
INSERT INTO public.auth_permission VALUES (36, 'Can view model', 9, 'view_model');
INSERT INTO public.auth_permission VALUES (37, 'Can add audit event', 10, 'add_auditevent');
INSERT INTO public.auth_permission VALUES (38, 'Can change audit event', 10, 'change_auditevent');
INSERT INTO public.auth_permission VALUES (39, 'Can delete audit event', 10, 'delete_auditevent');
INSERT INTO public.auth_permission VALUES (40, 'Can view audit event', 10, 'view_auditevent');
INSERT INTO public.auth_permission VALUES (41, 'Can add access token', 11, 'add_accesstoken');
INSERT INTO public.auth_permission VALUES (42, 'Can change access token', 11, 'change_accesstoken');
INSERT INTO public.auth_permission VALUES (43, 'Can delete access token', 11, 'delete_accesstoken');
INSERT INTO public.auth_permission VALUES (44, 'Can view access token', 11, 'view_accesstoken');
INSERT INTO public.auth_permission VALUES (45, 'Can add alias', 12, 'add_modelalias');
INSERT INTO public.auth_permission VALUES (46, 'Can change alias', 12, 'change_modelalias');
INSERT INTO public.auth_permission VALUES (47, 'Can delete alias', 12, 'delete_modelalias');
INSERT INTO public.auth_permission VALUES (48, 'Can view alias', 12, 'view_modelalias');
INSERT INTO public.auth_permission VALUES (49, 'Can add dependency', 13, 'add_modeldependency');
INSERT INTO public.auth_permission VALUES (50, 'Can change dependency', 13, 'change_modeldependency');
INSERT INTO public.auth_permission VALUES (51, 'Can delete dependency', 13, 'delete_modeldependency');
INSERT INTO public.auth_permission VALUES (52, 'Can view dependency', 13, 'view_modeldependency');
INSERT INTO public.auth_permission VALUES (53, 'Can add blob', 14, 'add_blob');
INSERT INTO public.auth_permission VALUES (54, 'Can change blob', 14, 'change_blob');
INSERT INTO public.auth_permission VALUES (55, 'Can delete blob', 14, 'delete_blob');
INSERT INTO public.auth_permission VALUES (56, 'Can view blob', 14, 'view_blob');
INSERT INTO public.auth_permission VALUES (57, 'Can add package', 15, 'add_package');
INSERT INTO public.auth_permission VALUES (58, 'Can change package', 15, 'change_package');
INSERT INTO public.auth_permission VALUES (59, 'Can delete package', 15, 'delete_package');
INSERT INTO public.auth_permission VALUES (60, 'Can view package', 15, 'view_package');
INSERT INTO public.auth_permission VALUES (61, 'Can mark packages as trusted', 15, 'trust_package');
INSERT INTO public.auth_permission VALUES (62, 'Can add package benchmark', 16, 'add_packagebenchmark');
INSERT INTO public.auth_permission VALUES (63, 'Can change package benchmark', 16, 'change_packagebenchmark');
INSERT INTO public.auth_permission VALUES (64, 'Can delete package benchmark', 16, 'delete_packagebenchmark');
INSERT INTO public.auth_permission VALUES (65, 'Can view package benchmark', 16, 'view_packagebenchmark');
INSERT INTO public.auth_permission VALUES (66, 'Can add package failure', 17, 'add_packagefailure');
INSERT INTO public.auth_permission VALUES (67, 'Can change package failure', 17, 'change_packagefailure');
INSERT INTO public.auth_permission VALUES (68, 'Can delete package failure', 17, 'delete_packagefailure');
INSERT INTO public.auth_permission VALUES (69, 'Can view package failure', 17, 'view_packagefailure');
INSERT INTO public.auth_permission VALUES (70, 'Can add package file', 18, 'add_packagefile');
INSERT INTO public.auth_permission VALUES (71, 'Can change package file', 18, 'change_packagefile');
INSERT INTO public.auth_permission VALUES (72, 'Can delete package file', 18, 'delete_packagefile');
INSERT INTO public.auth_permission VALUES (73, 'Can view package file', 18, 'view_packagefile');
INSERT INTO public.auth_permission VALUES (74, 'Can add machine', 19, 'add_machinerecord');
INSERT INTO public.auth_permission VALUES (75, 'Can change machine', 19, 'change_machinerecord');
INSERT INTO public.auth_permission VALUES (76, 'Can delete machine', 19, 'delete_machinerecord');
INSERT INTO public.auth_permission VALUES (77, 'Can view machine', 19, 'view_machinerecord');
INSERT INTO public.django_content_type VALUES (1, 'admin', 'logentry');
INSERT INTO public.django_content_type VALUES (2, 'auth', 'permission');
INSERT INTO public.django_content_type VALUES (3, 'auth', 'group');
INSERT INTO public.django_content_type VALUES (4, 'auth', 'user');
INSERT INTO public.django_content_type VALUES (5, 'contenttypes', 'contenttype');
INSERT INTO public.django_content_type VALUES (6, 'sessions', 'session');
INSERT INTO public.django_content_type VALUES (7, 'registry', 'membership');
INSERT INTO public.django_content_type VALUES (8, 'registry', 'workspace');
INSERT INTO public.django_content_type VALUES (9, 'registry', 'model');
INSERT INTO public.django_content_type VALUES (10, 'registry', 'auditevent');
INSERT INTO public.django_content_type VALUES (11, 'registry', 'accesstoken');
INSERT INTO public.django_content_type VALUES (12, 'registry', 'modelalias');
INSERT INTO public.django_content_type VALUES (13, 'registry', 'modeldependency');
INSERT INTO public.django_content_type VALUES (14, 'packages_app', 'blob');
INSERT INTO public.django_content_type VALUES (15, 'packages_app', 'package');
INSERT INTO public.django_content_type VALUES (16, 'packages_app', 'packagebenchmark');
INSERT INTO public.django_content_type VALUES (17, 'packages_app', 'packagefailure');
INSERT INTO public.django_content_type VALUES (18, 'packages_app', 'packagefile');
INSERT INTO public.django_content_type VALUES (19, 'inference_app', 'machinerecord');
INSERT INTO public.django_migrations VALUES (1, 'contenttypes', '0001_initial', '2026-12-01 01:37:18.54696+00');
INSERT INTO public.django_migrations VALUES (2, 'auth', '0001_initial', '2026-12-01 01:37:18.665481+00');
INSERT INTO public.django_migrations VALUES (3, 'admin', '0001_initial', '2026-12-01 01:37:18.689984+00');
INSERT INTO public.django_migrations VALUES (4, 'admin', '0002_logentry_remove_auto_add', '2026-12-01 01:37:18.702703+00');
INSERT INTO public.django_migrations VALUES (5, 'admin', '0003_logentry_add_action_flag_choices', '2026-12-01 01:37:18.710007+00');
INSERT INTO public.django_migrations VALUES (6, 'contenttypes', '0002_remove_content_type_name', '2026-12-01 01:37:18.736005+00');
INSERT INTO public.django_migrations VALUES (7, 'auth', '0002_alter_permission_name_max_length', '2026-12-01 01:37:18.758015+00');
INSERT INTO public.django_migrations VALUES (8, 'auth', '0003_alter_user_email_max_length', '2026-12-01 01:37:18.783+00');
INSERT INTO public.django_migrations VALUES (9, 'auth', '0004_alter_user_username_opts', '2026-12-01 01:37:18.800341+00');
INSERT INTO public.django_migrations VALUES (10, 'auth', '0005_alter_user_last_login_null', '2026-12-01 01:37:18.825711+00');
INSERT INTO public.django_migrations VALUES (11, 'auth', '0006_require_contenttypes_0002', '2026-12-01 01:37:18.829312+00');
INSERT INTO public.django_migrations VALUES (12, 'auth', '0007_alter_validators_add_error_messages', '2026-12-01 01:37:18.84389+00');
INSERT INTO public.django_migrations VALUES (13, 'auth', '0008_alter_user_username_max_length', '2026-12-01 01:37:18.865287+00');
INSERT INTO public.django_migrations VALUES (14, 'auth', '0009_alter_user_last_name_max_length', '2026-12-01 01:37:18.878307+00');
INSERT INTO public.django_migrations VALUES (15, 'auth', '0010_alter_group_name_max_length', '2026-12-01 01:37:18.899005+00');
INSERT INTO public.django_migrations VALUES (16, 'auth', '0011_update_proxy_permissions', '2026-12-01 01:37:18.922334+00');
INSERT INTO public.django_migrations VALUES (17, 'auth', '0012_alter_user_first_name_max_length', '2026-12-01 01:37:18.945263+00');
INSERT INTO public.django_migrations VALUES (18, 'registry', '0001_initial', '2026-12-01 01:37:19.485468+00');
INSERT INTO public.django_migrations VALUES (19, 'inference_app', '0001_initial', '2026-12-01 01:37:19.54609+00');
INSERT INTO public.django_migrations VALUES (20, 'packages_app', '0001_initial', '2026-12-01 01:37:20.203812+00');
INSERT INTO public.django_migrations VALUES (21, 'sessions', '0001_initial', '2026-12-01 01:37:20.229393+00');
INSERT INTO public.packages_app_blob VALUES ('9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c', '63f4f1e9b725370f459720575cd5f953', 7, '2026-12-01 01:37:23.837307+00');
INSERT INTO public.packages_app_blob VALUES ('21a0270b7f66a1e4c25933f13a1e5a1bbb4757578072930c8189131f9c6aaae1', '3205c0ded576131ea255ad2bd38b0fb2', 6, '2026-12-01 01:37:24.067032+00');
INSERT INTO public.packages_app_blob VALUES ('37bf51bfba4699a940ce31349422b24a5bc55a2b179ed7aec74459a9ae8d57b7', '69756f3cd326cb18036b1cb8f8e9f77f', 5, '2026-12-01 01:37:24.265214+00');
INSERT INTO public.packages_app_blob VALUES ('da925a30e31f7fdaa7044e3e5ba4ae17670de82d677b0e7adf5700428a137a36', '6a3a6f6e33217afa6373df9d6b2e8a00', 5, '2026-12-01 01:37:24.545233+00');
INSERT INTO public.packages_app_blob VALUES ('7743ce348d9284d677a185f33295b92266cc435a5b5f775029b300066d26693a', 'f91b2829bf8603e358094e1dedb6f947', 5, '2026-12-01 01:37:24.857332+00');
INSERT INTO public.packages_app_blob VALUES ('b24d6d33736ecd5604a4b17bc9c6481039fac362bb7df044ef1c10a2bfd21db6', 'b2fdab230a2c39f3595a947861863cb7', 5, '2026-12-01 01:37:24.988214+00');
INSERT INTO public.packages_app_blob VALUES ('2f05d4b689d270cafb02285f35f44866f7dc8a2d368a3f9d1124373eeab31fb1', 'bae60998ffe4923b131e3d6e4c19993e', 3, '2026-12-01 01:37:25.153248+00');
INSERT INTO public.packages_app_blob VALUES ('2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', '3ee2a68bcc2fb47fc145a39ff1a07758', 14, '2026-12-01 01:37:25.201226+00');
INSERT INTO public.packages_app_package VALUES (1, 'published', '3b1bca7e0fafdb79b9e38ef52867fc54', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, '{"confidence": 0.35}', NULL, '{}', '', '2026-12-01 01:37:23.824006+00', 'system', '2026-12-01 01:37:24.001457+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (2, 'published', '333dcf765bdae68d085e37afb60ecfbb', 'torch-script', 'fp32', true, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', '["cpu"]', '2.0.0', '', NULL, '{"confidence": 0.5, "perClassConfidence": {"circle": 0.4}}', NULL, '{}', '', '2026-12-01 01:37:24.058628+00', 'system', '2026-12-01 01:37:24.185827+00', 'system', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (3, 'published', 'ea0fbb02d10ca8622e903699dafbbb06', 'torch', 'fp32', false, '', true, NULL, NULL, NULL, NULL, NULL, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', '{"nms_fused": false}', NULL, NULL, '{}', '', '2026-12-01 01:37:24.253559+00', 'system', '2026-12-01 01:37:24.437577+00', 'system', NULL, '', '', 2);
INSERT INTO public.packages_app_package VALUES (4, 'withdrawn', '3fe2e612fde6982b487c874174d9003e', 'onnx', 'fp32', true, '', false, 4, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 01:37:24.525591+00', 'system', '2026-12-01 01:37:24.735421+00', 'system', '2026-12-01 01:37:24.770104+00', 'system', 'Too many were missed.', 2);
INSERT INTO public.packages_app_package VALUES (5, 'draft', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 18, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 01:37:24.848316+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (6, 'ready', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', '', '2026-12-01 01:37:24.981583+00', 'system', NULL, '', NULL, '', '', 1);
INSERT INTO public.packages_app_package VALUES (7, 'quarantined', '', 'onnx', 'fp32', true, '', true, NULL, NULL, NULL, NULL, 17, NULL, '', '', '', '', false, false, false, '', '', '', '', '', NULL, '', '', NULL, NULL, NULL, '{}', 'The file is damaged.', '2026-12-01 01:37:25.147156+00', 'system', NULL, '', NULL, '', '', 2);
INSERT INTO public.packages_app_packagefile VALUES (1, 'weights.onnx', '9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c', 1);
INSERT INTO public.packages_app_packagefile VALUES (2, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 1);
INSERT INTO public.packages_app_packagefile VALUES (3, 'weights.torchscript', '21a0270b7f66a1e4c25933f13a1e5a1bbb4757578072930c8189131f9c6aaae1', 2);
INSERT INTO public.packages_app_packagefile VALUES (4, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 2);
INSERT INTO public.packages_app_packagefile VALUES (5, 'weights.pth', '37bf51bfba4699a940ce31349422b24a5bc55a2b179ed7aec74459a9ae8d57b7', 3);
INSERT INTO public.packages_app_packagefile VALUES (6, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 3);
INSERT INTO public.packages_app_packagefile VALUES (7, 'weights.onnx', 'da925a30e31f7fdaa7044e3e5ba4ae17670de82d677b0e7adf5700428a137a36', 4);
INSERT INTO public.packages_app_packagefile VALUES (8, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 4);
INSERT INTO public.packages_app_packagefile VALUES (9, 'weights.onnx', '7743ce348d9284d677a185f33295b92266cc435a5b5f775029b300066d26693a', 5);
INSERT INTO public.packages_app_packagefile VALUES (10, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 5);
INSERT INTO public.packages_app_packagefile VALUES (11, 'weights.onnx', 'b24d6d33736ecd5604a4b17bc9c6481039fac362bb7df044ef1c10a2bfd21db6', 6);
INSERT INTO public.packages_app_packagefile VALUES (12, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 6);
INSERT INTO public.packages_app_packagefile VALUES (13, 'weights.onnx', '2f05d4b689d270cafb02285f35f44866f7dc8a2d368a3f9d1124373eeab31fb1', 7);
INSERT INTO public.packages_app_packagefile VALUES (14, 'class_names.txt', '2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409', 7);
INSERT INTO public.registry_auditevent VALUES (1, '2026-12-01 01:37:23.827018+00', 'system', 'package.drafted', 'draft 1 of shapes/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (2, '2026-12-01 01:37:23.89092+00', 'system', 'package.file-added', 'draft 1 of shapes/1', '{"handle": "weights.onnx", "sha256": "9a129038d9a00aed0cf6a7ea059ca50a813449061ab87848cf1a13eafdf33b2c"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (3, '2026-12-01 01:37:23.930779+00', 'system', 'package.file-added', 'draft 1 of shapes/1', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (4, '2026-12-01 01:37:23.949514+00', 'system', 'package.trusted', 'draft 1 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (5, '2026-12-01 01:37:23.973737+00', 'system', 'package.ready', 'draft 1 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (6, '2026-12-01 01:37:24.009533+00', 'system', 'package.published', '3b1bca7e0fafdb79b9e38ef52867fc54', '{"model": "shapes/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (7, '2026-12-01 01:37:24.060001+00', 'system', 'package.drafted', 'draft 2 of shapes/1', '{"backend": "torch-script"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (8, '2026-12-01 01:37:24.097736+00', 'system', 'package.file-added', 'draft 2 of shapes/1', '{"handle": "weights.torchscript", "sha256": "21a0270b7f66a1e4c25933f13a1e5a1bbb4757578072930c8189131f9c6aaae1"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (9, '2026-12-01 01:37:24.130536+00', 'system', 'package.file-added', 'draft 2 of shapes/1', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (10, '2026-12-01 01:37:24.140866+00', 'system', 'package.trusted', 'draft 2 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (11, '2026-12-01 01:37:24.162387+00', 'system', 'package.ready', 'draft 2 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (12, '2026-12-01 01:37:24.194448+00', 'system', 'package.published', '333dcf765bdae68d085e37afb60ecfbb', '{"model": "shapes/1", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (13, '2026-12-01 01:37:24.255165+00', 'system', 'package.drafted', 'draft 3 of parts', '{"backend": "torch"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (14, '2026-12-01 01:37:24.313557+00', 'system', 'package.file-added', 'draft 3 of parts', '{"handle": "weights.pth", "sha256": "37bf51bfba4699a940ce31349422b24a5bc55a2b179ed7aec74459a9ae8d57b7"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (15, '2026-12-01 01:37:24.381801+00', 'system', 'package.file-added', 'draft 3 of parts', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (16, '2026-12-01 01:37:24.408741+00', 'system', 'package.ready', 'draft 3 of parts', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (17, '2026-12-01 01:37:24.447975+00', 'system', 'package.published', 'ea0fbb02d10ca8622e903699dafbbb06', '{"model": "parts", "trusted": false}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (18, '2026-12-01 01:37:24.534688+00', 'system', 'package.drafted', 'draft 4 of parts', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (19, '2026-12-01 01:37:24.614727+00', 'system', 'package.file-added', 'draft 4 of parts', '{"handle": "weights.onnx", "sha256": "da925a30e31f7fdaa7044e3e5ba4ae17670de82d677b0e7adf5700428a137a36"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (20, '2026-12-01 01:37:24.654888+00', 'system', 'package.file-added', 'draft 4 of parts', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (21, '2026-12-01 01:37:24.674316+00', 'system', 'package.trusted', 'draft 4 of parts', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (22, '2026-12-01 01:37:24.697433+00', 'system', 'package.ready', 'draft 4 of parts', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (23, '2026-12-01 01:37:24.752912+00', 'system', 'package.published', '3fe2e612fde6982b487c874174d9003e', '{"model": "parts", "trusted": true}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (24, '2026-12-01 01:37:24.783241+00', 'system', 'package.withdrawn', '3fe2e612fde6982b487c874174d9003e', '{"reason": "Too many were missed."}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (25, '2026-12-01 01:37:24.850609+00', 'system', 'package.drafted', 'draft 5 of shapes/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (26, '2026-12-01 01:37:24.896606+00', 'system', 'package.file-added', 'draft 5 of shapes/1', '{"handle": "weights.onnx", "sha256": "7743ce348d9284d677a185f33295b92266cc435a5b5f775029b300066d26693a"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (27, '2026-12-01 01:37:24.926044+00', 'system', 'package.file-added', 'draft 5 of shapes/1', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (28, '2026-12-01 01:37:24.935454+00', 'system', 'package.trusted', 'draft 5 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (29, '2026-12-01 01:37:24.983457+00', 'system', 'package.drafted', 'draft 6 of shapes/1', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (30, '2026-12-01 01:37:25.026685+00', 'system', 'package.file-added', 'draft 6 of shapes/1', '{"handle": "weights.onnx", "sha256": "b24d6d33736ecd5604a4b17bc9c6481039fac362bb7df044ef1c10a2bfd21db6"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (31, '2026-12-01 01:37:25.05951+00', 'system', 'package.file-added', 'draft 6 of shapes/1', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (32, '2026-12-01 01:37:25.069496+00', 'system', 'package.trusted', 'draft 6 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (33, '2026-12-01 01:37:25.087901+00', 'system', 'package.ready', 'draft 6 of shapes/1', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (34, '2026-12-01 01:37:25.148899+00', 'system', 'package.drafted', 'draft 7 of parts', '{"backend": "onnx"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (35, '2026-12-01 01:37:25.186708+00', 'system', 'package.file-added', 'draft 7 of parts', '{"handle": "weights.onnx", "sha256": "2f05d4b689d270cafb02285f35f44866f7dc8a2d368a3f9d1124373eeab31fb1"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (36, '2026-12-01 01:37:25.233611+00', 'system', 'package.file-added', 'draft 7 of parts', '{"handle": "class_names.txt", "sha256": "2cd206583463e03b3ebb05cafb0948cf385c30c1ac99731812ee46b3495c3409"}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (37, '2026-12-01 01:37:25.242916+00', 'system', 'package.trusted', 'draft 7 of parts', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (38, '2026-12-01 01:37:25.255038+00', 'system', 'package.inspection-started', 'draft 7 of parts', '{}', '', NULL, 1);
INSERT INTO public.registry_auditevent VALUES (39, '2026-12-01 01:37:25.266769+00', 'system', 'package.quarantined', 'draft 7 of parts', '{"reason": "The file is damaged."}', '', NULL, 1);
INSERT INTO public.registry_model VALUES (1, 'shapes/1', 'yolov8', 'object-detection', '', '["circle", "square"]', '{"confidence": 0.35}', false, '', '2026-12-01 01:37:23.73409+00', 1);
INSERT INTO public.registry_model VALUES (2, 'parts', 'yolov8', 'object-detection', '', '["circle", "square"]', NULL, true, '', '2026-12-01 01:37:23.745823+00', 1);
INSERT INTO public.registry_modelalias VALUES (1, 'shapes/latest', 1);
INSERT INTO public.registry_modelalias VALUES (2, 'the-parts', 2);
INSERT INTO public.registry_modeldependency VALUES (1, 'parts', '', 2, 1);
INSERT INTO public.registry_workspace VALUES (1, 'Alpha', 'alpha', '2026-12-01 01:37:23.72512+00');
SELECT pg_catalog.setval('public.auth_group_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_group_permissions_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_permission_id_seq', 77, true);
SELECT pg_catalog.setval('public.auth_user_groups_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_user_id_seq', 1, false);
SELECT pg_catalog.setval('public.auth_user_user_permissions_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_admin_log_id_seq', 1, false);
SELECT pg_catalog.setval('public.django_content_type_id_seq', 19, true);
SELECT pg_catalog.setval('public.django_migrations_id_seq', 21, true);
SELECT pg_catalog.setval('public.inference_app_machinerecord_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_package_id_seq', 7, true);
SELECT pg_catalog.setval('public.packages_app_packagebenchmark_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_packagefailure_id_seq', 1, false);
SELECT pg_catalog.setval('public.packages_app_packagefile_id_seq', 14, true);
SELECT pg_catalog.setval('public.registry_accesstoken_id_seq', 1, false);
SELECT pg_catalog.setval('public.registry_auditevent_id_seq', 39, true);
SELECT pg_catalog.setval('public.registry_membership_id_seq', 1, false);
SELECT pg_catalog.setval('public.registry_model_id_seq', 2, true);
SELECT pg_catalog.setval('public.registry_modelalias_id_seq', 2, true);
SELECT pg_catalog.setval('public.registry_modeldependency_id_seq', 1, true);
SELECT pg_catalog.setval('public.registry_workspace_id_seq', 1, true);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_name_key UNIQUE (name);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_permission_id_0cd325b0_uniq UNIQUE (group_id, permission_id);
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_group
    ADD CONSTRAINT auth_group_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq UNIQUE (content_type_id, codename);
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_group_id_94350c0c_uniq UNIQUE (user_id, group_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_permission_id_14a6b632_uniq UNIQUE (user_id, permission_id);
ALTER TABLE ONLY public.auth_user
    ADD CONSTRAINT auth_user_username_key UNIQUE (username);
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT benchmark_once_per_environment UNIQUE (package_id, environment_fingerprint);
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT dependency_name_once_per_model UNIQUE (model_id, name);
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_app_label_model_76bd3d3b_uniq UNIQUE (app_label, model);
ALTER TABLE ONLY public.django_content_type
    ADD CONSTRAINT django_content_type_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_migrations
    ADD CONSTRAINT django_migrations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.django_session
    ADD CONSTRAINT django_session_pkey PRIMARY KEY (session_key);
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT inference_app_machinerecord_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT machine_name_once_per_workspace UNIQUE (workspace_id, slug);
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT membership_once_per_workspace UNIQUE (workspace_id, user_id);
ALTER TABLE ONLY public.packages_app_blob
    ADD CONSTRAINT packages_app_blob_pkey PRIMARY KEY (sha256);
ALTER TABLE ONLY public.packages_app_package
    ADD CONSTRAINT packages_app_package_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT packages_app_packagebenchmark_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_packagefailure_package_id_key UNIQUE (package_id);
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_packagefailure_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_packagefile_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_prefix_key UNIQUE (prefix);
ALTER TABLE ONLY public.registry_auditevent
    ADD CONSTRAINT registry_auditevent_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_model_id_key UNIQUE (model_id);
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_alias_key UNIQUE (alias);
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldependency_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_workspace
    ADD CONSTRAINT registry_workspace_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.registry_workspace
    ADD CONSTRAINT registry_workspace_slug_key UNIQUE (slug);
CREATE INDEX auth_group_name_a6ea08ec_like ON public.auth_group USING btree (name varchar_pattern_ops);
CREATE INDEX auth_group_permissions_group_id_b120cbf9 ON public.auth_group_permissions USING btree (group_id);
CREATE INDEX auth_group_permissions_permission_id_84c5c92e ON public.auth_group_permissions USING btree (permission_id);
CREATE INDEX auth_permission_content_type_id_2f476e4b ON public.auth_permission USING btree (content_type_id);
CREATE INDEX auth_user_groups_group_id_97559544 ON public.auth_user_groups USING btree (group_id);
CREATE INDEX auth_user_groups_user_id_6a12ed8b ON public.auth_user_groups USING btree (user_id);
CREATE INDEX auth_user_user_permissions_permission_id_1fbb5f2c ON public.auth_user_user_permissions USING btree (permission_id);
CREATE INDEX auth_user_user_permissions_user_id_a95ead1b ON public.auth_user_user_permissions USING btree (user_id);
CREATE INDEX auth_user_username_6821ab7c_like ON public.auth_user USING btree (username varchar_pattern_ops);
CREATE INDEX django_admin_log_content_type_id_c4bce8eb ON public.django_admin_log USING btree (content_type_id);
CREATE INDEX django_admin_log_user_id_c564eba6 ON public.django_admin_log USING btree (user_id);
CREATE INDEX django_session_expire_date_a5c62663 ON public.django_session USING btree (expire_date);
CREATE INDEX django_session_session_key_c0390e0f_like ON public.django_session USING btree (session_key varchar_pattern_ops);
CREATE INDEX inference_app_machinerecord_slug_a65802cb ON public.inference_app_machinerecord USING btree (slug);
CREATE INDEX inference_app_machinerecord_slug_a65802cb_like ON public.inference_app_machinerecord USING btree (slug varchar_pattern_ops);
CREATE INDEX inference_app_machinerecord_workspace_id_6b205e37 ON public.inference_app_machinerecord USING btree (workspace_id);
CREATE INDEX package_announced ON public.packages_app_package USING btree (model_id, state, package_id);
CREATE UNIQUE INDEX package_file_handle_once ON public.packages_app_packagefile USING btree (package_id, lower((handle)::text));
CREATE UNIQUE INDEX package_id_published_once ON public.packages_app_package USING btree (package_id) WHERE ((state)::text = 'published'::text);
CREATE INDEX packages_app_blob_md5_f873e9be ON public.packages_app_blob USING btree (md5);
CREATE INDEX packages_app_blob_md5_f873e9be_like ON public.packages_app_blob USING btree (md5 varchar_pattern_ops);
CREATE INDEX packages_app_blob_sha256_76735e8c_like ON public.packages_app_blob USING btree (sha256 varchar_pattern_ops);
CREATE INDEX packages_app_package_model_id_b0c6db15 ON public.packages_app_package USING btree (model_id);
CREATE INDEX packages_app_packagebenchmark_package_id_69f804d9 ON public.packages_app_packagebenchmark USING btree (package_id);
CREATE INDEX packages_app_packagefile_blob_id_418c083a ON public.packages_app_packagefile USING btree (blob_id);
CREATE INDEX packages_app_packagefile_blob_id_418c083a_like ON public.packages_app_packagefile USING btree (blob_id varchar_pattern_ops);
CREATE INDEX packages_app_packagefile_package_id_c1325eb3 ON public.packages_app_packagefile USING btree (package_id);
CREATE INDEX registry_accesstoken_created_by_id_4a6093c3 ON public.registry_accesstoken USING btree (created_by_id);
CREATE INDEX registry_accesstoken_prefix_0d1a7481_like ON public.registry_accesstoken USING btree (prefix varchar_pattern_ops);
CREATE INDEX registry_accesstoken_workspace_id_41465d0c ON public.registry_accesstoken USING btree (workspace_id);
CREATE INDEX registry_auditevent_created_at_41f55735 ON public.registry_auditevent USING btree (created_at);
CREATE INDEX registry_auditevent_user_id_2ae68347 ON public.registry_auditevent USING btree (user_id);
CREATE INDEX registry_auditevent_workspace_id_270dbb06 ON public.registry_auditevent USING btree (workspace_id);
CREATE INDEX registry_membership_user_id_6cfd34cc ON public.registry_membership USING btree (user_id);
CREATE INDEX registry_membership_workspace_id_a36b5374 ON public.registry_membership USING btree (workspace_id);
CREATE INDEX registry_model_model_id_b6783ae3_like ON public.registry_model USING btree (model_id varchar_pattern_ops);
CREATE INDEX registry_model_workspace_id_e4430b5e ON public.registry_model USING btree (workspace_id);
CREATE INDEX registry_modelalias_alias_10ef179d_like ON public.registry_modelalias USING btree (alias varchar_pattern_ops);
CREATE INDEX registry_modelalias_model_id_1f9c94b6 ON public.registry_modelalias USING btree (model_id);
CREATE INDEX registry_modeldependency_depends_on_id_8d205164 ON public.registry_modeldependency USING btree (depends_on_id);
CREATE INDEX registry_modeldependency_model_id_10e1dd47 ON public.registry_modeldependency USING btree (model_id);
CREATE INDEX registry_workspace_slug_48f6abc4_like ON public.registry_workspace USING btree (slug varchar_pattern_ops);
CREATE TRIGGER alias_is_no_model_id_on_insert BEFORE INSERT ON public.registry_modelalias FOR EACH ROW EXECUTE FUNCTION public.alias_is_no_model_id_on_insert();
CREATE TRIGGER alias_is_no_model_id_on_update BEFORE UPDATE ON public.registry_modelalias FOR EACH ROW EXECUTE FUNCTION public.alias_is_no_model_id_on_update();
CREATE TRIGGER audit_event_never_changes BEFORE UPDATE ON public.registry_auditevent FOR EACH ROW EXECUTE FUNCTION public.audit_event_never_changes();
CREATE TRIGGER audit_event_never_goes BEFORE DELETE ON public.registry_auditevent FOR EACH ROW EXECUTE FUNCTION public.audit_event_never_goes();
CREATE TRIGGER blob_in_use_stays BEFORE DELETE ON public.packages_app_blob FOR EACH ROW EXECUTE FUNCTION public.blob_in_use_stays();
CREATE TRIGGER blob_never_changes BEFORE UPDATE ON public.packages_app_blob FOR EACH ROW EXECUTE FUNCTION public.blob_never_changes();
CREATE TRIGGER dependency_one_level_deep_on_insert BEFORE INSERT ON public.registry_modeldependency FOR EACH ROW EXECUTE FUNCTION public.dependency_one_level_deep_on_insert();
CREATE TRIGGER dependency_one_level_deep_on_update BEFORE UPDATE ON public.registry_modeldependency FOR EACH ROW EXECUTE FUNCTION public.dependency_one_level_deep_on_update();
CREATE TRIGGER model_id_is_no_alias_on_insert BEFORE INSERT ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_id_is_no_alias_on_insert();
CREATE TRIGGER model_id_is_no_alias_on_update BEFORE UPDATE ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_id_is_no_alias_on_update();
CREATE TRIGGER model_identity_frozen BEFORE UPDATE ON public.registry_model FOR EACH ROW EXECUTE FUNCTION public.model_identity_frozen();
CREATE TRIGGER package_file_frozen_on_delete BEFORE DELETE ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_delete();
CREATE TRIGGER package_file_frozen_on_insert BEFORE INSERT ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_insert();
CREATE TRIGGER package_file_frozen_on_update BEFORE UPDATE ON public.packages_app_packagefile FOR EACH ROW EXECUTE FUNCTION public.package_file_frozen_on_update();
CREATE TRIGGER package_frozen BEFORE UPDATE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_frozen();
CREATE TRIGGER package_published_from_ready BEFORE UPDATE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_published_from_ready();
CREATE TRIGGER package_published_stays BEFORE DELETE ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_published_stays();
CREATE TRIGGER package_starts_unpublished BEFORE INSERT ON public.packages_app_package FOR EACH ROW EXECUTE FUNCTION public.package_starts_unpublished();
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissio_permission_id_84c5c92e_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_group_permissions
    ADD CONSTRAINT auth_group_permissions_group_id_b120cbf9_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_permission
    ADD CONSTRAINT auth_permission_content_type_id_2f476e4b_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_group_id_97559544_fk_auth_group_id FOREIGN KEY (group_id) REFERENCES public.auth_group(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_groups
    ADD CONSTRAINT auth_user_groups_user_id_6a12ed8b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permi_permission_id_1fbb5f2c_fk_auth_perm FOREIGN KEY (permission_id) REFERENCES public.auth_permission(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.auth_user_user_permissions
    ADD CONSTRAINT auth_user_user_permissions_user_id_a95ead1b_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_content_type_id_c4bce8eb_fk_django_co FOREIGN KEY (content_type_id) REFERENCES public.django_content_type(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.django_admin_log
    ADD CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.inference_app_machinerecord
    ADD CONSTRAINT inference_app_machin_workspace_id_6b205e37_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_package_blob_id_418c083a_fk_packages_ FOREIGN KEY (blob_id) REFERENCES public.packages_app_blob(sha256) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_package
    ADD CONSTRAINT packages_app_package_model_id_b0c6db15_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagebenchmark
    ADD CONSTRAINT packages_app_package_package_id_69f804d9_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefile
    ADD CONSTRAINT packages_app_package_package_id_c1325eb3_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.packages_app_packagefailure
    ADD CONSTRAINT packages_app_package_package_id_e67be442_fk_packages_ FOREIGN KEY (package_id) REFERENCES public.packages_app_package(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_created_by_id_4a6093c3_fk_auth_user_id FOREIGN KEY (created_by_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_accesstoken
    ADD CONSTRAINT registry_accesstoken_workspace_id_41465d0c_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_user_id_6cfd34cc_fk_auth_user_id FOREIGN KEY (user_id) REFERENCES public.auth_user(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_membership
    ADD CONSTRAINT registry_membership_workspace_id_a36b5374_fk_registry_ FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_model
    ADD CONSTRAINT registry_model_workspace_id_e4430b5e_fk_registry_workspace_id FOREIGN KEY (workspace_id) REFERENCES public.registry_workspace(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modelalias
    ADD CONSTRAINT registry_modelalias_model_id_1f9c94b6_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldepend_depends_on_id_8d205164_fk_registry_ FOREIGN KEY (depends_on_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY public.registry_modeldependency
    ADD CONSTRAINT registry_modeldependency_model_id_10e1dd47_fk_registry_model_id FOREIGN KEY (model_id) REFERENCES public.registry_model(id) DEFERRABLE INITIALLY DEFERRED;
